/// One thing that an examination found.
package struct Finding: Sendable, Equatable {
    /// How much it matters.
    package enum Level: String, Sendable, CaseIterable {
        /// As it should be.
        case ok
        /// Worth knowing.
        case note
        /// The server runs, and not as somebody wants it to.
        case warning
        /// The server does not run, or nobody reaches it.
        case error
    }

    /// What it is about.
    package enum Area: String, Sendable {
        case build, clock, processors, memory, descriptors, model, listening, user, mesh, workload, shutdown,
            certificates, traces
        case apiKeys = "api keys"
    }

    /// What it is about.
    package let area: Area
    /// How much it matters.
    package let level: Level
    /// What is so, in one sentence.
    package let seen: String
    /// What to do; nil where nothing has to be done.
    package let advice: String?

    /// A finding; one that is more than a note should say what to do.
    package init(_ area: Area, _ level: Level, _ seen: String, advice: String? = nil) {
        self.area = area
        self.level = level
        self.seen = seen
        self.advice = advice
    }
}
