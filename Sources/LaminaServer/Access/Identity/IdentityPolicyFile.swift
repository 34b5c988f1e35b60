import LaminaHTTP

/// A policy as it is written down: on each line a route, the name of a group or `*` for all, then who may use it, separated by spaces:
/// patterns of identities, or `any` for everybody. Empty lines and lines that begin with `#` say nothing.
struct IdentityPolicyFile {
    private(set) var policy = IdentityPolicy()
    private let routes: [String]

    /// - Parameter routes: the patterns there are: a rule about none of them is a mistake.
    init(parsing text: String, path: String, routes: [String]) throws(IdentityPolicyError) {
        self.routes = routes
        for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
            let words = line.split(whereSeparator: \.isWhitespace)
            guard let first = words.first, !first.hasPrefix("#") else { continue }
            do throws(IdentityPolicyError.Fault) {
                policy.admit(try Self.admitted(words.dropFirst()), to: try subject(first))
            } catch {
                throw .malformed(path: path, line: index + 1, error)
            }
            guard index < IdentityPolicyLimits.lines else { throw .tooManyLines(path: path) }
        }
        if policy.isEmpty { throw .noRules(path: path) }
    }

    private func subject(_ word: Substring) throws(IdentityPolicyError.Fault) -> IdentityPolicy.Subject {
        if word == "*" { return .all }
        if let group = RouteGroup(rawValue: String(word)) { return .group(group) }
        // Kubelets have no identity: a probe that is closed to them has its server killed.
        guard !RouteAccess.probes.contains(String(word)) else { throw .probe(String(word)) }
        guard routes.contains(String(word)) else { throw .subject(String(word), routes: routes) }
        return .route(String(word))
    }

    private static func admitted(_ words: ArraySlice<Substring>) throws(IdentityPolicyError.Fault)
        -> IdentityPolicy.Admitted
    {
        guard !words.isEmpty else { throw .nobody }
        var admitted = IdentityPolicy.Admitted()
        for word in words {
            if word == "any" {
                admitted.isEverybody = true
            } else if let pattern = IdentityPattern(String(word)) {
                admitted.patterns.append(pattern)
            } else {
                throw .pattern(String(word))
            }
        }
        return admitted
    }
}

/// Bounds of a policy.
enum IdentityPolicyLimits {
    /// Bytes of the file.
    static let fileBytes = 1 << 20
    /// Lines: each request may be compared with every pattern.
    static let lines = 4096
}
