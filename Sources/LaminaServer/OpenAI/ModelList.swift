package import LaminaJSON

/// One entry of `GET /v1/models`.
package struct ModelCard: Sendable, Equatable {
    /// The name requests use.
    package let id: String
    /// When it was loaded, in seconds since 1970.
    package let created: Int64
    /// Who made it available.
    package let ownedBy: String
    /// The most tokens of prompt and answer together; vLLM's clients read `max_model_len`.
    package let contextLength: Int?

    /// A served model.
    package init(id: String, created: Int64, ownedBy: String, contextLength: Int? = nil) {
        self.id = id
        self.created = created
        self.ownedBy = ownedBy
        self.contextLength = contextLength
    }

    /// The object of `GET /v1/models/{id}`.
    package var json: JSONValue {
        var object: JSONObject = [
            "id": .string(id), "object": "model", "created": .integer(created), "owned_by": .string(ownedBy),
        ]
        if let contextLength { object["max_model_len"] = .integer(Int64(contextLength)) }
        return .object(object)
    }
}

/// The answers about a model, which stay the same as long as it is served.
struct ModelDescription: Sendable {
    /// Its names, its own first.
    let names: [String]
    /// By name, the body of `GET /v1/models/{id}`.
    let cards: [String: [UInt8]]
    /// The body of `GET /v1/models`.
    let list: [UInt8]

    /// - Parameter cards: one for each name, its own first.
    init(_ cards: [ModelCard]) {
        names = cards.map(\.id)
        self.cards = Dictionary(cards.map { ($0.id, JSONWriter.bytes(of: $0.json)) }) { first, _ in first }
        list = JSONWriter.bytes(of: ModelList(models: cards).json)
    }
}

/// The body of `GET /v1/models`.
package struct ModelList: Sendable, Equatable {
    /// The models that are served.
    package let models: [ModelCard]

    /// A list of models.
    package init(models: [ModelCard]) {
        self.models = models
    }

    /// The object of `GET /v1/models`.
    package var json: JSONValue {
        ["object": "list", "data": .array(models.map(\.json))]
    }
}
