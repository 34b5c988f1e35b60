package import HTTPTypes

/// The text of server-sent events (WHATWG HTML, "Server-sent events").
package enum ServerSentEvents {
    /// The headers of an event stream. `X-Accel-Buffering` tells nginx-like proxies to pass events on one by one.
    package static let headers: HTTPFields = {
        var fields: HTTPFields = [.contentType: "text/event-stream", .cacheControl: "no-store"]
        if let name = HTTPField.Name("X-Accel-Buffering") { fields[name] = "no" }
        return fields
    }()

    /// An event.
    ///
    /// - Parameters:
    ///   - data: its text; every line becomes a `data:` line.
    ///   - name: its type; line ends in it are dropped, since they would end the field.
    ///   - id: what a client sends as `Last-Event-ID` when it reconnects; line ends are dropped likewise.
    package static func event(data: some StringProtocol, name: String? = nil, id: String? = nil) -> [UInt8] {
        event(data: Array(data.utf8), name: name, id: id)
    }

    /// An event whose data are already UTF-8 bytes.
    package static func event(data: [UInt8], name: String? = nil, id: String? = nil) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(data.count + 32)
        if let name { append(field: "event: ", singleLine(name), to: &bytes) }
        if let id { append(field: "id: ", singleLine(id), to: &bytes) }
        var rest = data[...]
        while let end = rest.firstIndex(where: isLineEnd) {
            append(field: "data: ", rest[..<end], to: &bytes)
            let isPair = rest[end] == 0x0D && end + 1 < rest.endIndex && rest[end + 1] == 0x0A
            rest = rest[(end + (isPair ? 2 : 1))...]
        }
        append(field: "data: ", rest, to: &bytes)
        bytes.append(0x0A)
        return bytes
    }

    /// A comment, which clients ignore: sent now and then it keeps proxies from closing a quiet stream.
    package static func comment(_ text: String) -> [UInt8] {
        var bytes: [UInt8] = []
        append(field: ": ", singleLine(text), to: &bytes)
        bytes.append(0x0A)
        return bytes
    }

    private static func append(field: StaticString, _ value: some Collection<UInt8>, to bytes: inout [UInt8]) {
        field.withUTF8Buffer { bytes.append(contentsOf: $0) }
        bytes.append(contentsOf: value)
        bytes.append(0x0A)
    }

    private static func singleLine(_ text: String) -> [UInt8] {
        text.utf8.filter { !isLineEnd($0) }
    }

    private static func isLineEnd(_ byte: UInt8) -> Bool { byte == 0x0A || byte == 0x0D }
}
