import Synchronization

/// What every connection of a server shares.
final class ConnectionServices: Sendable {
    let configuration: HTTPServerConfiguration
    let handler: @Sendable (IncomingRequest) async -> OutgoingResponse
    let admitsBody: BodyAdmission?
    let errorBody: ErrorBody.Renderer
    let refusal: Refusal.Renderer
    let observer: (any HTTPServerObserver)?
    let date: HTTPDate
    let bodyMemory: BodyMemory
    private let idle: Mutex<Duration>

    init(
        configuration: HTTPServerConfiguration,
        handler: @escaping @Sendable (IncomingRequest) async -> OutgoingResponse, admitsBody: BodyAdmission?,
        errorBody: @escaping ErrorBody.Renderer, refusal: @escaping Refusal.Renderer,
        observer: (any HTTPServerObserver)?, date: HTTPDate, bodyMemory: BodyMemory
    ) {
        self.configuration = configuration
        self.handler = handler
        self.admitsBody = admitsBody
        self.errorBody = errorBody
        self.refusal = refusal
        self.observer = observer
        self.date = date
        self.bodyMemory = bodyMemory
        idle = Mutex(configuration.idleTimeout)
    }

    /// How long a connection may be without a byte of a next request; at first the configuration's.
    var idleTimeout: Duration {
        get { idle.withLock { $0 } }
        set { idle.withLock { $0 = newValue } }
    }
}
