package import HTTPTypes

/// Finds the handler of a request by path and method.
///
/// A pattern is made of literal segments, `{name}` for any one segment, and as its last `{name...}` for all that remain (at
/// least one). Where several patterns match, the one with a literal where the other has a name wins, from left to right.
/// HEAD is answered by the handler of GET, OPTIONS by the router; a known path with another method is 405, any other 404. A
/// method that neither RFC 9110 nor a route knows is 501.
package struct Router: Sendable {
    /// Answers a request.
    package typealias Handler = @Sendable (IncomingRequest) async -> OutgoingResponse

    private var routes: [Route] = []
    /// RFC 9110 §9.3 and RFC 5789.
    private var knownMethods: Set<HTTPRequest.Method> = [
        .get, .head, .post, .put, .delete, .connect, .options, .trace, .patch,
    ]
    private let errorBody: ErrorBody.Renderer

    /// A router without routes; `errorBody` renders its 404 and 405.
    package init(errorBody: @escaping ErrorBody.Renderer = ErrorBody.plainText) {
        self.errorBody = errorBody
    }

    /// Adds a handler. The pattern is the programmer's: a malformed or repeated one stops the program.
    package mutating func add(_ method: HTTPRequest.Method, _ pattern: String, handler: @escaping Handler) {
        knownMethods.insert(method)
        if let index = routes.firstIndex(where: { $0.pattern.text == pattern }) {
            precondition(routes[index].handlers[method] == nil, "the route \(method) \(pattern) is added twice")
            routes[index].handlers[method] = handler
            return
        }
        let route = Route(pattern: RoutePattern(pattern), handlers: [method: handler])
        let index = routes.firstIndex { route.pattern.isMoreSpecific(than: $0.pattern) } ?? routes.endIndex
        routes.insert(route, at: index)
    }

    /// The patterns of all routes.
    package var patterns: [String] { routes.map(\.pattern.text) }

    /// The pattern of the route that answers a request, whatever its method; nil where none does.
    package func pattern(of request: IncomingRequest) -> String? {
        routes.first { $0.pattern.match(request.target.segments) != nil }?.pattern.text
    }

    /// Answers a request. Needs no connection.
    package func respond(to request: IncomingRequest) async -> OutgoingResponse {
        guard knownMethods.contains(request.head.method) else {
            return OutgoingResponse(
                error: .notImplemented, "The method \(request.head.method) is not known here.", errorBody)
        }
        if request.path == "*" && request.target.segments.isEmpty {
            return options(routes.reduce(into: []) { $0.formUnion($1.allowedMethods) })
        }
        for route in routes {
            guard let parameters = route.pattern.match(request.target.segments) else { continue }
            var response = await respond(to: request, with: route, parameters)
            response.route = route.pattern.text
            return response
        }
        return OutgoingResponse(error: .notFound, "There is nothing at \(request.path).", errorBody)
    }

    private func respond(
        to request: IncomingRequest, with route: Route, _ parameters: [String: String]
    ) async -> OutgoingResponse {
        let method = request.head.method
        if let handler = route.handlers[method] ?? (method == .head ? route.handlers[.get] : nil) {
            // Most routes have none, and a copy takes hold of every part of the request.
            if parameters.isEmpty { return await handler(request) }
            var request = request
            request.pathParameters = parameters
            return await handler(request)
        }
        if method == .options { return options(route.allowedMethods) }
        var response = OutgoingResponse(
            error: .methodNotAllowed, "\(request.path) does not take \(method).", errorBody)
        response.headers[.allow] = Self.list(route.allowedMethods)
        return response
    }

    private func options(_ methods: Set<String>) -> OutgoingResponse {
        OutgoingResponse(status: .noContent, headers: [.allow: Self.list(methods)])
    }

    private static func list(_ methods: Set<String>) -> String {
        methods.sorted().joined(separator: ", ")
    }
}

/// A pattern with a handler for each method.
private struct Route: Sendable {
    let pattern: RoutePattern
    var handlers: [HTTPRequest.Method: Router.Handler]

    var allowedMethods: Set<String> {
        var methods = Set(handlers.keys.map(\.rawValue))
        if methods.contains("GET") { methods.insert("HEAD") }
        methods.insert("OPTIONS")
        return methods
    }
}
