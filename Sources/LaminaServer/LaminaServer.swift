package import LaminaEngine
package import LaminaHTTP
import LaminaKernels
package import LaminaModel
import LaminaTelemetry
package import Logging

/// The server: an HTTP listener, a model being loaded behind it, and the order in which both end.
///
/// It listens before the weights are read, so that probes can tell "loading" from "dead".
package struct LaminaServer: Sendable {
    let configuration: ServerConfiguration
    /// The mesh the server runs in.
    package let mesh: MeshWatch
    private let modelFile: ModelFile
    let logger: Logger
    private let state = ServerState()
    private let registry = MetricsRegistry()
    private let engineMetrics: EngineMetrics
    private let load = LoadMonitor()
    private let modelInfo: MetricFamily<Gauge>
    let http: HTTPServer
    private let reloadables: [Reloadable]
    private let reloadMetrics: ReloadMetrics
    private let tracing: Tracing

    /// Time to write the last events of streams that are ended early.
    private static let farewell = Duration.seconds(1)

    /// Registers metrics and routes; nothing is listened to yet.
    package init(_ configuration: ServerConfiguration, modelFile: ModelFile, mesh: MeshWatch, logger: Logger) throws {
        self.configuration = configuration
        self.mesh = mesh
        self.modelFile = modelFile
        self.logger = logger
        engineMetrics = try EngineMetrics(registry)
        let httpMetrics = try HTTPMetrics(registry)
        let generation = try GenerationMetrics(registry)
        reloadMetrics = try ReloadMetrics(registry)
        tracing = try Tracing(configuration.tracing, registry: registry, logger: logger)
        modelInfo = try registry.gauge(
            "lamina_model_info", help: "The model that is served; always 1.",
            labels: ["model", "architecture", "context_length"])
        try registry.gauge(
            "lamina_build_info", help: "This build; always 1.", labels: ["version", "instruction_set"]
        ).with(BuildInfo.version, InstructionSet.name).set(1)
        try registry.register(ProcessMetrics())
        try registry.register(MeshMetrics(mesh))
        if configuration.exportsGatewayMetrics {
            try registry.register(GatewayMetrics(engine: engineMetrics, state: state))
        }

        var router = Router(errorBody: APIError.body)
        Probes(state: state, mesh: mesh, registry: registry).add(to: &router)
        OpenAIRoutes(
            state: state, generation: generation, engineMetrics: engineMetrics, clock: UnixTime.now,
            requestTimeout: configuration.requestTimeout, heartbeat: configuration.heartbeat, load: load
        ).add(to: &router)
        let keys = try configuration.apiKeys.map { try APIKeyStore($0, logger: logger) }
        var certificates: ListenerCertificates?
        if let tls = configuration.tls {
            certificates = try ListenerCertificates(tls, registry: registry, logger: logger)
        }
        let policies = try IdentityPolicyStore(
            allowed: configuration.allowedIdentities, path: configuration.identityPolicy, routes: router.patterns)
        reloadables = [keys?.reloadable, certificates?.reloadable, policies.reloadable].compactMap(\.self)
        let pipeline = RequestPipeline(
            configuration, router: router,
            callers: CallerServices(
                keys: keys, policies: policies, meshKind: { mesh.current.kind }, metrics: try CallerMetrics(registry)),
            traffic: try MeshTraffic(mode: configuration.loadReports, load: load, registry: registry),
            tracer: tracing.tracer, logger: logger)
        // The HTTP server's own time-out comes after the engine's farewell.
        var httpConfiguration = configuration.http
        httpConfiguration.drainTimeout = configuration.drainTimeout + Self.farewell * 5
        if let idleTimeout = configuration.idleTimeout { httpConfiguration.idleTimeout = idleTimeout }
        certificates?.install(in: &httpConfiguration)
        http = HTTPServer(
            configuration: httpConfiguration, handler: pipeline.handler, admitsBody: pipeline.admitsBody,
            errorBody: pipeline.errorBody, refusal: pipeline.refusal,
            observer: HTTPObserver(metrics: httpMetrics, logger: logger))
    }

    /// Listens, loads the model, and serves until a signal or the task's cancellation; running requests then finish first.
    /// - Parameters:
    ///   - onProgress: told the share of the weights loaded, 0...1, from another thread.
    ///   - onReady: called once when requests are taken, with the model and the addresses.
    /// - Throws: `SocketError` where the address cannot be had; `MeshReservation` where the mesh has what this process uses; what
    ///   `ServedModel` throws.
    package func run(
        onProgress: @escaping @Sendable (Double) -> Void,
        onReady: @escaping @Sendable (ServedModel, [SocketAddress]) -> Void
    ) async throws {
        try refuseReserved(by: mesh.current)
        // The last spans are those of the requests that the engine has ended.
        try await tracing.whileExporting(after: { [mesh] in await mesh.waitForProxy() }) {
            try await serve(onProgress: onProgress, onReady: onReady)
        }
        logger.info("stopped")
    }

    private func serve(
        onProgress: @escaping @Sendable (Double) -> Void,
        onReady: @escaping @Sendable (ServedModel, [SocketAddress]) -> Void
    ) async throws {
        try http.bind()
        let signals = ShutdownSignals()
        defer { signals.cancel() }
        let names = signals.names
        try await withThrowingTaskGroup { group in
            group.addTask { try await http.run() }
            group.addTask {
                for try await model in try load(onProgress) {
                    announce(model)
                    onReady(model, http.addresses)
                }
                // Ends with the group: the model is there, nothing is left to wait for.
                try await Task.sleep(for: .seconds(Int64.max / 2))
            }
            group.addTask { await drain(on: names) }
            group.addTask { try await reload() }
            group.addTask { try await followMesh() }
            defer { group.cancelAll() }
            // The server's end, or the failure to load the model.
            try await group.next()
        }
        await stopEngine()
    }

    /// Reads files again that change, until the task is cancelled. Where there are none, SIGHUP ends the process as usual.
    private func reload() async throws {
        guard !reloadables.isEmpty else { return try await Task.sleep(for: .seconds(Int64.max / 2)) }
        let hangups = HangupSignals()
        defer { hangups.cancel() }
        await Reloader(reloadables, metrics: reloadMetrics, logger: logger).run(hangups: hangups.arrivals)
    }

    /// The model, once it is loaded on a thread of its own.
    private func load(_ onProgress: @escaping @Sendable (Double) -> Void) throws -> AsyncThrowingStream<
        ServedModel, any Error
    > {
        let (stream, continuation) = AsyncThrowingStream<ServedModel, any Error>.makeStream()
        _ = try ComputeThread(name: "lamina-loader") {
            do {
                let model = try ServedModel(
                    modelFile, options: configuration.model, resources: .current(),
                    report: { report in
                        engineMetrics.observe(report)
                        load.observe(report)
                    },
                    progress: { share in
                        state.progressed(to: share)
                        onProgress(share)
                    })
                continuation.yield(model)
                continuation.finish()
            } catch {
                continuation.finish(throwing: error)
            }
        }
        return stream
    }

    private func announce(_ model: ServedModel) {
        let id = configuration.modelName ?? ModelLocator.name(ofFile: modelFile.file.path)
        modelInfo.with(id, modelFile.configuration.architecture, "\(model.plan.contextLength)").set(1)
        state.loaded(
            .init(
                id: id, createdAt: UnixTime.now().seconds, model: model,
                aliases: configuration.modelAliases.filter { $0 != id }))
        logger.info("model loaded", metadata: ["model": "\(id)"])
    }

    /// First signal: unready, every response announces the end of its connection. After the drain delay: no new
    /// connections, running requests finish. Second signal, or the drain time-out: what still runs is ended with an error
    /// event, and who does not read it within a moment is cut off.
    private func drain(on signals: AsyncStream<String>) async {
        var names = signals.makeAsyncIterator()
        guard let name = await names.next() else { return }
        logger.info("draining", metadata: ["signal": "\(name)"])
        state.leave()
        http.announceClose()
        await withTaskGroup { group in
            // Cancelled by the second signal, or with the server.
            group.addTask { try? await leaveInOrder() }
            group.addTask { for await _ in signals { return } }
            await group.next()
            group.cancelAll()
        }
        guard !Task.isCancelled else { return }
        logger.warning("stopping at once", metadata: ["connections": "\(http.connectionCount)"])
        await stopEngine()
        http.beginDrain()
        try? await Task.sleep(for: Self.farewell)
        http.stopNow()
    }

    /// Waits for load balancers, then for requests. Throws where the task is cancelled.
    private func leaveInOrder() async throws {
        try await Task.sleep(for: configuration.drainDelay)
        state.drain()
        http.beginDrain()
        try await Task.sleep(for: configuration.drainTimeout)
    }

    private func stopEngine() async {
        state.drain()
        if case .draining(let named?) = state.phase { await named.model.engine.stop() }
    }
}
