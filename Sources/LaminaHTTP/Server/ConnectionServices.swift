/// What every connection of a server shares.
struct ConnectionServices: Sendable {
    let configuration: HTTPServerConfiguration
    let handler: @Sendable (IncomingRequest) async -> OutgoingResponse
    let errorBody: ErrorBody.Renderer
    let refusal: Refusal.Renderer
    let observer: (any HTTPServerObserver)?
    let date: HTTPDate
    let bodyMemory: BodyMemory
}
