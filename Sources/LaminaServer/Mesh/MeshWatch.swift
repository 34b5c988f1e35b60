import LaminaHTTP
package import Logging
import Synchronization

/// Finds the sidecar of a mesh, waits until it lets traffic through, keeps an eye on it, and ends it where that is asked for.
package final class MeshWatch: Sendable {
    /// What the operator asks.
    package let settings: MeshSettings
    private let pace: MeshPace
    private let logger: Logger
    private let state: Mutex<State>

    private struct State {
        var mesh: Mesh
        /// Whether the log has what is wrong with the sidecar, as long as it stays so.
        var hasComplained = false
    }

    /// Asks nobody yet.
    package init(_ settings: MeshSettings, pace: MeshPace = MeshPace(), logger: Logger) {
        self.settings = settings
        self.pace = pace
        self.logger = logger
        state = Mutex(State(mesh: Mesh(settings)))
    }

    /// What is known now.
    package var current: Mesh { state.withLock { $0.mesh } }

    /// Looks, and goes on looking until its task is cancelled or nothing is left to find out. Logs what changes.
    ///
    /// - Parameter onChange: told what was known before, nil at first, and what is known now.
    /// - Throws: what `onChange` throws; `CancellationError`.
    package func run(onChange: @Sendable (_ before: Mesh?, _ now: Mesh) throws -> Void) async throws {
        let began = ContinuousClock.now
        var told: Mesh?
        while true {
            let mesh = await look()
            let elapsed = began.duration(to: .now)
            if mesh != told {
                log(mesh)
                try onChange(told, mesh)
                told = mesh
            }
            if elapsed >= settings.proxyWait { complain(of: mesh) }
            guard let interval = interval(after: mesh, elapsed) else { return }
            try await Task.sleep(for: interval)
        }
    }

    /// Returns when requests to elsewhere may begin: the sidecar lets traffic through, there is none, or the operator wants to wait
    /// no longer, which is logged. Needs no `run` beside it.
    ///
    /// - Returns: what is known then.
    @discardableResult
    package func waitForProxy() async -> Mesh {
        let deadline = ContinuousClock.now + settings.proxyWait
        var mesh = current
        while mesh.isAwaited {
            mesh = await look()
            guard mesh.isAwaited else { break }
            guard ContinuousClock.now < deadline else {
                complain(of: mesh)
                break
            }
            // Cancellation ends the wait, and the work that waited.
            do { try await Task.sleep(for: pace.searchInterval) } catch { break }
        }
        return mesh
    }

    /// Makes the sidecar exit, where the operator asks for that: for the end of a job, after its last request to elsewhere. Takes
    /// a few seconds at most.
    package func quitProxy() async {
        guard settings.quitsProxy else { return }
        guard let proxy = await look().proxy else {
            logger.warning("mesh: there is no proxy to end", metadata: ["mode": "\(settings.mode.rawValue)"])
            return
        }
        let farewell = await proxy.quit(for: pace.farewell)
        if let fault = farewell.fault {
            logger.warning("mesh: the proxy could not be ended: \(fault.seen)", metadata: ["advice": "\(fault.advice)"])
        } else {
            logger.info("mesh: the proxy was ended", metadata: ["proxy": "\(proxy.kind.rawValue)"])
        }
    }

    /// Asks once and notes what is said.
    package func look() async -> Mesh {
        let before = current
        let candidates = before.proxy.map { [$0] } ?? (settings.mode == .auto ? Self.known(settings.ports) : [])
        guard !candidates.isEmpty else { return before }
        let limit = before.proxyState == .unknown ? pace.firstAnswer : pace.answer
        let client = HTTPClient()
        defer { client.close() }
        let answers = await withTaskGroup { group in
            for (index, proxy) in candidates.enumerated() {
                group.addTask { (index, await proxy.ask(client, for: limit)) }
            }
            return await group.reduce(into: [Int: MeshProxy.Answer]()) { $0[$1.0] = $1.1 }
        }
        let mesh = before.hearing(candidates.enumerated().map { ($1, answers[$0] ?? .none) })
        state.withLock { state in
            state.mesh = mesh
            if mesh.proxyState == .ready { state.hasComplained = false }
        }
        return mesh
    }
}

extension Mesh {
    /// Whether there is a sidecar that does not let traffic through yet, or may be.
    fileprivate var isAwaited: Bool {
        switch proxyState {
        case .none, .ready: false
        case .unknown, .missing, .starting: true
        }
    }
}

extension MeshWatch {
    private static func known(_ ports: MeshPorts) -> [MeshProxy] {
        Mesh.Kind.allCases.compactMap { MeshProxy($0, ports: ports) }
    }

    /// The time to the next look; nil where none is needed.
    private func interval(after mesh: Mesh, _ elapsed: Duration) -> Duration? {
        switch mesh.proxyState {
        case .ready: pace.watchInterval
        case .unknown, .missing, .starting: pace.searchInterval
        case .none: settings.mode == .auto && elapsed < pace.search ? pace.searchInterval : nil
        }
    }

    /// Logs what is wrong with the sidecar, once until it is ready again.
    private func complain(of mesh: Mesh) {
        guard let fault = mesh.fault else { return }
        let isNew = state.withLock { state in
            defer { state.hasComplained = true }
            return !state.hasComplained
        }
        if isNew { logger.warning("mesh: \(fault.seen)", metadata: ["advice": "\(fault.advice)"]) }
    }

    private func log(_ mesh: Mesh) {
        logger.info(
            "mesh",
            metadata: [
                "mode": "\(mesh.modeName)", "source": "\(mesh.source.rawValue)", "proxy": "\(mesh.proxyState.rawValue)",
            ])
    }
}
