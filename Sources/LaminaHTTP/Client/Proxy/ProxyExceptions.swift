/// The hosts that are reached without a proxy: what NO_PROXY says.
///
/// There is no standard for it. These are the rules of Go (golang.org/x/net/http/httpproxy), which are curl's with ports and
/// with a leading dot that means something. Entries are separated by commas; each is
/// - `example.com`: that host and all below it; `.example.com` or `*.example.com`: only those below it;
/// - an IP address or a range such as `10.0.0.0/8`, compared with addresses in URLs only: names are not looked up for it;
/// - either of the former with `:port` (an IPv6 address then in brackets), which has to be the request's;
/// - `*`: every host.
struct ProxyExceptions: Sendable, Equatable {
    private enum Pattern: Sendable, Equatable {
        case everything
        case addresses(IPPrefix, port: Int?)
        case domain(suffix: String, includesItself: Bool, port: Int?)
    }

    private let patterns: [Pattern]

    /// Entries that are empty or make no sense match nothing.
    init(_ text: String) {
        patterns = text.split(separator: ",").compactMap { entry in
            Self.pattern(entry.filter { !$0.isWhitespace }.lowercased())
        }
    }

    /// Whether a server is reached without a proxy.
    func contains(_ origin: HTTPOrigin) -> Bool {
        var host = origin.host.lowercased()
        if host.hasSuffix(".") { host.removeLast() }
        let address = IPPrefix(host)
        return patterns.contains { pattern in
            switch pattern {
            case .everything: true
            case .addresses(let range, let port):
                address.map { range.contains($0) && (port ?? origin.port) == origin.port } ?? false
            case .domain(let suffix, let includesItself, let port):
                address == nil && (port ?? origin.port) == origin.port
                    && (host.hasSuffix(suffix) || (includesItself && host == suffix.dropFirst()))
            }
        }
    }

    private static func pattern(_ entry: String) -> Pattern? {
        if entry == "*" { return .everything }
        if let range = IPPrefix(entry) { return .addresses(range, port: nil) }
        guard let (host, port) = HTTPURL.hostAndPort(entry[...]) else { return nil }
        if let range = IPPrefix(host) { return .addresses(range, port: port) }
        let name = host.hasPrefix("*.") ? String(host.dropFirst()) : host
        guard name != "." else { return nil }
        return .domain(
            suffix: name.hasPrefix(".") ? name : ".\(name)", includesItself: !name.hasPrefix("."), port: port)
    }
}
