/// Shows on a terminal how far a load test is; silent elsewhere.
struct LoadTestProgress: Sendable {
    let log: LoadLog
    let extent: LoadTest.Extent
    let turns: Int

    private static let interval = Duration.milliseconds(200)

    /// Redraws the line until the task is cancelled.
    func run() async {
        guard Terminal.isErrorInteractive else { return }
        while !Task.isCancelled {
            Terminal.writeError("\r\u{1B}[K\(line(log.current, at: .now))")
            // Cancellation ends the sleep, and then the loop.
            try? await Task.sleep(for: Self.interval)
        }
        Terminal.writeError("\r\u{1B}[K")
    }

    /// A bar with what is done, running and failed.
    func line(_ state: LoadLog.State, at now: ContinuousClock.Instant) -> String {
        let done = state.samples.count
        let failed = state.samples.count { $0.failure != nil }
        let elapsed = state.startedAt.map { $0.duration(to: now) } ?? .zero
        var shares: [Double] = []
        var text = ""
        if let conversations = extent.conversations {
            shares.append(Double(done) / Double(max(1, conversations * turns)))
            text += "\(done) of \(conversations * turns) requests"
        } else {
            text += "\(done) requests"
        }
        if let duration = extent.duration {
            shares.append(elapsed / duration)
            text += ", \(Int(elapsed / .seconds(1))) of \(Int(duration / .seconds(1))) s"
        } else {
            text += ", \(Int(elapsed / .seconds(1))) s"
        }
        text += ", \(state.running) running"
        if failed > 0 { text += ", \(failed) failed" }
        return "\(Terminal.bar(shares.max() ?? 0)) \(text)"
    }
}
