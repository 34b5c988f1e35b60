/// What every connection of a server shares.
final class ConnectionServices: Sendable {
    let configuration: HTTPServerConfiguration
    let handler: @Sendable (IncomingRequest) async -> OutgoingResponse
    let errorBody: ErrorBody.Renderer
    let refusal: Refusal.Renderer
    let observer: (any HTTPServerObserver)?
    let date: HTTPDate
    let bodyMemory: BodyMemory

    init(
        configuration: HTTPServerConfiguration,
        handler: @escaping @Sendable (IncomingRequest) async -> OutgoingResponse,
        errorBody: @escaping ErrorBody.Renderer, refusal: @escaping Refusal.Renderer,
        observer: (any HTTPServerObserver)?, date: HTTPDate, bodyMemory: BodyMemory
    ) {
        self.configuration = configuration
        self.handler = handler
        self.errorBody = errorBody
        self.refusal = refusal
        self.observer = observer
        self.date = date
        self.bodyMemory = bodyMemory
    }
}
