import HTTPTypes

/// What the endpoint picker of an inference gateway passes on to model servers (Gateway API Inference Extension; llm-d).
enum GatewayField: String, CaseIterable {
    /// Whom a request is counted for.
    case fairnessID = "x-gateway-inference-fairness-id"
    /// The name of the InferenceObjective, which gives a request its priority.
    case objective = "x-gateway-inference-objective"

    /// What a request says; nil where it says nothing. llm-d's own name for the field counts where the common one is missing.
    func value(in fields: HTTPFields) -> String? {
        for name in names { if let value = fields[name], !value.isEmpty { return value } }
        return nil
    }

    private var names: [HTTPField.Name] {
        switch self {
        case .fairnessID: [.fairnessID, .fairnessIDOfLLMD]
        case .objective: [.objective, .objectiveOfLLMD]
        }
    }
}

extension HTTPField.Name {
    static let fairnessID = known(GatewayField.fairnessID.rawValue)
    static let objective = known(GatewayField.objective.rawValue)
    fileprivate static let fairnessIDOfLLMD = known("x-llm-d-inference-fairness-id")
    fileprivate static let objectiveOfLLMD = known("x-llm-d-inference-objective")
}
