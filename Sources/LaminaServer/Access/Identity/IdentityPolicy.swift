import LaminaHTTP

/// Who may use which routes.
///
/// A rule is about a route, a group of routes, or all. The narrowest counts alone: what is said about a route, else about its group,
/// else about all. Without any rule everybody may use everything; with rules, what none of them covers is closed.
struct IdentityPolicy: Sendable, Equatable {
    /// What a rule is about.
    enum Subject: Sendable, Hashable {
        case route(String)
        case group(RouteGroup)
        case all
    }

    /// Whom a rule lets in.
    struct Admitted: Sendable, Equatable {
        /// Everybody, known or not.
        var isEverybody = false
        var patterns: [IdentityPattern] = []

        func contains(_ identity: PeerIdentity?) -> Bool {
            if isEverybody { return true }
            guard let identity else { return false }
            return patterns.contains { $0.matches(identity) }
        }
    }

    private(set) var rules: [Subject: Admitted] = [:]

    var isEmpty: Bool { rules.isEmpty }

    /// Adds to the rule about `subject`.
    mutating func admit(_ admitted: Admitted, to subject: Subject) {
        let known = rules[subject] ?? Admitted()
        rules[subject] = Admitted(
            isEverybody: known.isEverybody || admitted.isEverybody, patterns: known.patterns + admitted.patterns)
    }

    /// Whether a client may use a route.
    /// - Parameter isOpen: for routes that are open to all unless a rule is about them in particular.
    func admits(_ identity: PeerIdentity?, pattern: String?, isOpen: Bool) -> Bool {
        if isEmpty { return true }
        if let pattern, let rule = rules[.route(pattern)] { return rule.contains(identity) }
        if let group = RouteGroup(pattern: pattern), let rule = rules[.group(group)] { return rule.contains(identity) }
        return isOpen || rules[.all]?.contains(identity) == true
    }
}
