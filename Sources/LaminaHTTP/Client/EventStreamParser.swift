/// One server-sent event.
package struct ServerSentEvent: Sendable, Equatable {
    /// The type; `message` where the stream names none.
    package let type: String
    /// The lines of data, joined by line feeds.
    package let data: [UInt8]
    /// The id that was in force; empty where none was given.
    package let lastEventID: String
}

/// Takes events out of the bytes of a `text/event-stream` (WHATWG HTML §9.2.6), without any I/O.
///
/// Call `feed` with each piece of the body. What the end of the stream cuts off is no event.
package struct EventStreamParser: Sendable {
    /// Why a stream is not read on.
    package enum Fault: Error, Sendable, Equatable, CustomStringConvertible {
        /// A line, or the data of an event, is longer than the limit in bytes.
        case eventTooLarge(limitBytes: Int)

        package var description: String {
            switch self {
            case .eventTooLarge(let limit): "the event stream holds an event of more than \(limit) bytes"
            }
        }
    }

    /// Bytes of one event at most, unless told otherwise.
    package static let defaultEventBytes = 4 * 1024 * 1024

    private let limitBytes: Int
    private var line: [UInt8] = []
    private var data: [UInt8] = []
    private var hasData = false
    private var type = ""
    private var lastEventID = ""
    private var isFirstLine = true
    private var endedInCarriageReturn = false

    /// A parser at the beginning of a stream.
    package init(eventBytes: Int = EventStreamParser.defaultEventBytes) {
        limitBytes = eventBytes
    }

    /// The events that these bytes complete.
    package mutating func feed(_ bytes: ArraySlice<UInt8>) throws(Fault) -> [ServerSentEvent] {
        var events: [ServerSentEvent] = []
        var start = bytes.startIndex
        if endedInCarriageReturn, let first = bytes.first {
            // The second half of a CR LF.
            if first == HTTPGrammar.lineFeed { start += 1 }
            endedInCarriageReturn = false
        }
        while let end = bytes[start...].firstIndex(where: {
            $0 == HTTPGrammar.lineFeed || $0 == HTTPGrammar.carriageReturn
        }) {
            try append(bytes[start..<end])
            if let event = try endLine() { events.append(event) }
            start = end + 1
            guard bytes[end] == HTTPGrammar.carriageReturn else { continue }
            if start == bytes.endIndex {
                endedInCarriageReturn = true
            } else if bytes[start] == HTTPGrammar.lineFeed {
                start += 1
            }
        }
        try append(bytes[start...])
        return events
    }

    private mutating func append(_ bytes: ArraySlice<UInt8>) throws(Fault) {
        guard bytes.count <= limitBytes - line.count else { throw .eventTooLarge(limitBytes: limitBytes) }
        line += bytes
    }

    private mutating func endLine() throws(Fault) -> ServerSentEvent? {
        defer { line.removeAll(keepingCapacity: true) }
        var content = line[...]
        if isFirstLine {
            isFirstLine = false
            if content.starts(with: [0xEF, 0xBB, 0xBF]) { content = content.dropFirst(3) }
        }
        if content.isEmpty { return dispatch() }
        let colon = content.firstIndex(of: UInt8(ascii: ":"))
        if colon == content.startIndex { return nil }  // a comment
        let name = content[..<(colon ?? content.endIndex)]
        var value = colon.map { content[($0 + 1)...] } ?? []
        if value.first == HTTPGrammar.space { value = value.dropFirst() }
        try take(name, value)
        return nil
    }

    private mutating func take(_ name: ArraySlice<UInt8>, _ value: ArraySlice<UInt8>) throws(Fault) {
        switch String(decoding: name, as: UTF8.self) {
        case "data":
            guard value.count < limitBytes - data.count else { throw .eventTooLarge(limitBytes: limitBytes) }
            if hasData { data.append(HTTPGrammar.lineFeed) }
            data += value
            hasData = true
        case "event": type = String(decoding: value, as: UTF8.self)
        case "id": if !value.contains(0) { lastEventID = String(decoding: value, as: UTF8.self) }
        // `retry` concerns reconnecting, which is the caller's to decide; all other fields are ignored.
        default: break
        }
    }

    private mutating func dispatch() -> ServerSentEvent? {
        defer {
            data.removeAll(keepingCapacity: true)
            hasData = false
            type = ""
        }
        guard hasData else { return nil }
        return ServerSentEvent(type: type.isEmpty ? "message" : type, data: data, lastEventID: lastEventID)
    }
}
