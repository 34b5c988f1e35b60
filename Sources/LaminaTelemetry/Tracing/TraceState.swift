/// The vendors' entries of a `tracestate` header, in their order (W3C Trace Context §3.3).
package struct TraceState: Sendable, Equatable {
    /// One vendor's entry.
    package struct Member: Sendable, Equatable {
        /// `vendor` or `tenant@vendor`.
        package let key: String
        /// Printable ASCII but `,` and `=`.
        package let value: String
    }

    /// The entries, the latest vendor's first.
    package let members: [Member]

    /// No entries.
    package init() {
        members = []
    }

    /// The entries of a header; nil when any of them is invalid or named twice, or there are too many.
    package init?(header: String) {
        guard header.utf8.count <= TelemetryLimits.traceStateBytes else { return nil }
        var members: [Member] = []
        var keys: Set<String> = []
        for element in header.utf8.split(separator: UInt8(ascii: ",")) {
            let entry = Self.trimmed(element)
            // Empty list members are allowed (§3.3.1.1).
            if entry.isEmpty { continue }
            guard let equals = entry.firstIndex(of: UInt8(ascii: "=")) else { return nil }
            let key = entry[..<equals]
            let value = entry[entry.index(after: equals)...]
            guard Self.isKey(key), Self.isValue(value) else { return nil }
            let member = Member(
                key: String(decoding: key, as: UTF8.self), value: String(decoding: value, as: UTF8.self))
            guard keys.insert(member.key).inserted else { return nil }
            members.append(member)
        }
        guard members.count <= TelemetryLimits.traceStateMembers else { return nil }
        self.members = members
    }

    /// Whether there are no entries.
    package var isEmpty: Bool { members.isEmpty }

    /// The header's value.
    package var header: String {
        members.map { "\($0.key)=\($0.value)" }.joined(separator: ",")
    }

    /// `lcalpha 0*255(keychar)`, or `tenant@vendor` with up to 241 and 14 characters, where only the tenant may start
    /// with a digit (§3.3.1.3.1).
    private static func isKey(_ key: Substring.UTF8View) -> Bool {
        guard let at = key.firstIndex(of: UInt8(ascii: "@")) else {
            return key.count <= 256 && isKeyPart(key, mayStartWithDigit: false)
        }
        let tenant = key[..<at]
        let vendor = key[key.index(after: at)...]
        return tenant.count <= 241 && isKeyPart(tenant, mayStartWithDigit: true)
            && vendor.count <= 14 && isKeyPart(vendor, mayStartWithDigit: false)
    }

    private static func isKeyPart(_ part: Substring.UTF8View, mayStartWithDigit: Bool) -> Bool {
        let letters = UInt8(ascii: "a")...UInt8(ascii: "z")
        let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
        guard let first = part.first, letters.contains(first) || (mayStartWithDigit && digits.contains(first)) else {
            return false
        }
        return part.allSatisfy { letters.contains($0) || digits.contains($0) || "_-*/".utf8.contains($0) }
    }

    /// 1 to 256 printable characters but `,` and `=`, the last one not a space (§3.3.1.3.2).
    private static func isValue(_ value: Substring.UTF8View) -> Bool {
        guard (1...256).contains(value.count), value.last != UInt8(ascii: " ") else { return false }
        return value.allSatisfy { (0x20...0x7E).contains($0) && $0 != UInt8(ascii: ",") && $0 != UInt8(ascii: "=") }
    }

    private static func trimmed(_ element: Substring.UTF8View) -> Substring.UTF8View {
        let isBlank = { (byte: UInt8) in byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
        guard let start = element.firstIndex(where: { !isBlank($0) }),
            let end = element.lastIndex(where: { !isBlank($0) })
        else { return element.prefix(0) }
        return element[start...end]
    }
}
