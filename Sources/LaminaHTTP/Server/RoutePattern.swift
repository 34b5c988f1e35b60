/// The path pattern of a route, taken apart.
struct RoutePattern: Sendable {
    private enum Segment: Sendable {
        case literal(String)
        case parameter(String)
        case rest(String)

        /// Smaller is more specific.
        var rank: Int {
            switch self {
            case .literal: 0
            case .parameter: 1
            case .rest: 2
            }
        }
    }

    let text: String
    private let segments: [Segment]

    init(_ text: String) {
        precondition(text.hasPrefix("/"), "the pattern \(text) does not begin with a slash")
        self.text = text
        self.segments = text.dropFirst().split(separator: "/", omittingEmptySubsequences: false).map { part in
            guard part.hasPrefix("{"), part.hasSuffix("}") else { return .literal(String(part)) }
            let name = part.dropFirst().dropLast()
            return name.hasSuffix("...") ? .rest(String(name.dropLast(3))) : .parameter(String(name))
        }
        let restIndex = segments.firstIndex { $0.rank == 2 } ?? segments.count - 1
        precondition(restIndex == segments.count - 1, "the pattern \(text) goes on after a rest")
    }

    /// The parameters, or nil where the path does not match. A parameter never matches an empty segment.
    func match(_ path: [String]) -> [String: String]? {
        var parameters: [String: String] = [:]
        for (index, segment) in segments.enumerated() {
            guard index < path.count else { return nil }
            switch segment {
            case .literal(let text):
                guard text == path[index] else { return nil }
            case .parameter(let name):
                guard !path[index].isEmpty else { return nil }
                parameters[name] = path[index]
            case .rest(let name):
                guard !path[index].isEmpty else { return nil }
                parameters[name] = path[index...].joined(separator: "/")
                return parameters
            }
        }
        return path.count == segments.count ? parameters : nil
    }

    func isMoreSpecific(than other: RoutePattern) -> Bool {
        segments.map(\.rank).lexicographicallyPrecedes(other.segments.map(\.rank))
    }
}
