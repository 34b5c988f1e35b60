package import Logging

/// Reads files again that have changed, and all of them on SIGHUP. What is wrong in them is logged, and changes nothing.
package actor Reloader {
    /// How often the files are looked at.
    package static let defaultInterval = Duration.seconds(2)

    private struct Watched {
        let item: Reloadable
        /// What the files were like when they were last read.
        var loaded: [FileFingerprint?]
        /// What they were like when they were last looked at.
        var seen: [FileFingerprint?]
    }

    private var watched: [Watched]
    private let interval: Duration
    private let metrics: ReloadMetrics
    private let logger: Logger

    /// Watches nothing until it runs.
    package init(
        _ items: [Reloadable], interval: Duration = defaultInterval, metrics: ReloadMetrics, logger: Logger
    ) {
        watched = items.map { Watched(item: $0, loaded: $0.loaded, seen: $0.loaded) }
        for item in items { metrics.expect(item.name) }
        self.interval = interval
        self.metrics = metrics
        self.logger = logger
    }

    /// Goes on until its task is cancelled.
    /// - Parameter hangups: an element for each SIGHUP.
    package func run(hangups: AsyncStream<Void>) async {
        await withTaskGroup { group in
            group.addTask {
                for await _ in hangups { await self.reloadAll() }
            }
            group.addTask {
                while !Task.isCancelled {
                    // Cancellation wakes it up.
                    try? await Task.sleep(for: self.interval)
                    if !Task.isCancelled { await self.poll() }
                }
            }
        }
    }

    /// Reads what has changed and been the same in two polls: a file that is still being written, or one of two that belong
    /// together, is left until it comes to rest.
    func poll() {
        for index in watched.indices {
            let now = FileFingerprint.of(watched[index].item.paths)
            let isAtRest = now == watched[index].seen
            watched[index].seen = now
            if isAtRest, now != watched[index].loaded { reload(index, now) }
        }
    }

    /// Reads everything, changed or not.
    func reloadAll() {
        for index in watched.indices { reload(index, FileFingerprint.of(watched[index].item.paths)) }
    }

    private func reload(_ index: Int, _ now: [FileFingerprint?]) {
        let item = watched[index].item
        // Taken before the files are read, and kept where they are wrong: the next attempt is at the next change.
        watched[index].loaded = now
        do {
            let outcome = try item.reload()
            metrics.observe(item.name, succeeded: true)
            logger.info("reloaded", metadata: ["what": "\(item.name)", "now": "\(outcome)"])
        } catch {
            metrics.observe(item.name, succeeded: false)
            logger.error(
                "could not be reloaded; what was loaded before stays in force",
                metadata: ["what": "\(item.name)", "reason": "\(error)"])
        }
    }
}
