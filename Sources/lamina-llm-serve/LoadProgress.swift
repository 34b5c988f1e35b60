import Synchronization

/// Shows on a terminal how much of a model is loaded; silent elsewhere, and where loading takes no time.
final class LoadProgress: Sendable {
    private let label: String
    private let startedAt = ContinuousClock.now
    private let lastPercent = Mutex<Int?>(nil)

    private static let delay = Duration.milliseconds(300)

    init(label: String) { self.label = label }

    /// Redraws the line where the percentage has changed.
    func update(_ share: Double) {
        guard Terminal.isErrorInteractive, startedAt.duration(to: .now) > Self.delay else { return }
        let percent = Int(share * 100)
        let isNew = lastPercent.withLock { last in
            defer { last = percent }
            return last != percent
        }
        guard isNew else { return }
        Terminal.writeError("\r\u{1B}[KLoading \(label) \(Terminal.bar(share)) \(percent) %")
    }

    /// Clears the line.
    func finish() {
        if lastPercent.withLock({ $0 }) != nil { Terminal.writeError("\r\u{1B}[K") }
    }
}
