/// The grammar of `uri-host [ ":" port ]` (RFC 9110 §7.2, RFC 3986 §3.2.2).
enum HostGrammar {
    /// Digits of the largest port, leading zeros aside.
    private static let largestPort = 65_535

    /// Whether the bytes are a host with an optional port. An empty host is one too (RFC 9112 §3.2): the Host field of a
    /// target that has no authority.
    static func isHost(_ bytes: ArraySlice<UInt8>) -> Bool {
        guard bytes.first == UInt8(ascii: "[") else {
            let end = bytes.firstIndex(of: UInt8(ascii: ":")) ?? bytes.endIndex
            return isName(bytes[..<end]) && isPortSuffix(bytes[end...])
        }
        guard let end = bytes.firstIndex(of: UInt8(ascii: "]")) else { return false }
        return isIPv6(bytes[(bytes.startIndex + 1)..<end]) && isPortSuffix(bytes[(end + 1)...])
    }

    /// `reg-name`, of which IPv4 addresses are a case: unreserved characters, sub-delimiters, percent-encoding.
    private static func isName(_ bytes: ArraySlice<UInt8>) -> Bool {
        var index = bytes.startIndex
        while index < bytes.endIndex {
            if bytes[index] == UInt8(ascii: "%") {
                guard index + 2 < bytes.endIndex, HTTPGrammar.hexadecimalValue(bytes[index + 1]) != nil,
                    HTTPGrammar.hexadecimalValue(bytes[index + 2]) != nil
                else { return false }
                index += 3
            } else {
                guard HTTPGrammar.isNameCharacter(bytes[index]) else { return false }
                index += 1
            }
        }
        return true
    }

    /// Digits and colons of an IPv6 address, an embedded IPv4 one included. Zones and future versions are not served.
    private static func isIPv6(_ bytes: ArraySlice<UInt8>) -> Bool {
        bytes.count >= 2 && bytes.contains(UInt8(ascii: ":"))
            && bytes.allSatisfy {
                HTTPGrammar.hexadecimalValue($0) != nil || $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: ".")
            }
    }

    /// Nothing, or a colon and a port, which may be empty.
    private static func isPortSuffix(_ bytes: ArraySlice<UInt8>) -> Bool {
        guard let first = bytes.first else { return true }
        guard first == UInt8(ascii: ":") else { return false }
        var port = 0
        for byte in bytes.dropFirst() {
            guard (0x30...0x39).contains(byte) else { return false }
            port = port * 10 + Int(byte - 0x30)
            guard port <= largestPort else { return false }
        }
        return true
    }
}
