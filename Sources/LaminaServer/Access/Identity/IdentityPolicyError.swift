/// Why a policy cannot be used.
enum IdentityPolicyError: Error, Equatable, CustomStringConvertible {
    /// What is wrong with a line.
    enum Fault: Error, Equatable {
        /// It is about something that is neither a route, a group nor `*`.
        case subject(String, routes: [String])
        /// It is about a probe.
        case probe(String)
        /// It names nobody.
        case nobody
        /// It names somebody in no known form.
        case pattern(String)
    }

    case malformed(path: String, line: Int, Fault)
    /// There are more lines than is sensible.
    case tooManyLines(path: String)
    /// The file has no rule, which would lock everybody out or let everybody in: whatever is meant, it should say so.
    case noRules(path: String)
    /// The file is not text.
    case notText(path: String)
    /// The file cannot be read.
    case unreadable(BoundedFileError)

    var description: String {
        switch self {
        case .malformed(let path, let line, let fault): "\(path), line \(line): \(fault)"
        case .tooManyLines(let path): "\(path) has more than \(IdentityPolicyLimits.lines) lines"
        case .noRules(let path): "\(path) has no rule; '* any' lets everybody use everything"
        case .notText(let path): "\(path) is not UTF-8 text"
        case .unreadable(let error): "\(error)"
        }
    }
}

extension IdentityPolicyError.Fault: CustomStringConvertible {
    var description: String {
        switch self {
        case .subject(let word, let routes):
            "'\(word)' is no route; write one of \(routes.sorted().joined(separator: ", ")), a group "
                + "(\(RouteGroup.allCases.map(\.rawValue).joined(separator: ", "))), or * for all"
        case .probe(let path): "\(path) is a probe, which is open to all"
        case .nobody: "nobody is named; write patterns of identities, or any for everybody"
        case .pattern(let text):
            "'\(text)' is no SPIFFE ID (spiffe://DOMAIN/PATH, or /* as its end), DNS name (or *.NAME) or subject (CN=...)"
        }
    }
}
