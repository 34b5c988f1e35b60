import LaminaJSON

/// Parameters of the API that would change the answer but are not served. Who sends one must hear about it: an answer
/// that silently does without is worse than none.
enum UnsupportedParameters {
    /// Values that ask for nothing are let through: clients send their defaults.
    ///
    /// - Throws: `APIError` 400 with the code `unsupported_parameter`.
    static func refuse(in fields: JSONFieldReader) throws(APIError) {
        for member in fields.object where !member.value.isNull {
            switch member.key {
            case "n", "best_of":
                guard member.value.doubleValue == 1 else {
                    throw .unsupported(
                        member.key, "'\(member.key)' other than 1 is not supported: send one request per answer")
                }
            case "logprobs", "top_logprobs":
                guard member.value == false || (member.key == "top_logprobs" && member.value.doubleValue == 0) else {
                    throw unsupported(member.key)
                }
            case "echo":
                guard member.value == false else { throw unsupported(member.key) }
            case "presence_penalty", "frequency_penalty":
                guard member.value.doubleValue == 0 else { throw unsupported(member.key) }
            case "repetition_penalty":
                guard member.value.doubleValue == 1 else { throw unsupported(member.key) }
            case "tools", "functions", "logit_bias", "modalities", "audio", "prediction", "suffix", "grammar",
                "guided_json",
                "guided_regex", "guided_choice", "guided_grammar":
                guard asksForNothing(member) else { throw unsupported(member.key) }
            case "tool_choice", "function_call":
                guard member.value == "none" || member.value == "auto" else { throw unsupported(member.key) }
            case "response_format":
                guard member.value["type"] == "text" else {
                    throw .unsupported("response_format", "'response_format' other than text is not supported")
                }
            default: continue
            }
        }
    }

    private static func unsupported(_ name: String) -> APIError {
        .unsupported(name, "'\(name)' is not supported: leave it out")
    }

    private static func asksForNothing(_ member: JSONObject.Member) -> Bool {
        switch member.value {
        case .array(let elements): elements.isEmpty || (member.key == "modalities" && elements == ["text"])
        case .object(let object): object.isEmpty
        case .string(let text): text.isEmpty
        default: false
        }
    }
}
