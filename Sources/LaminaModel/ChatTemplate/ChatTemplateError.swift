/// Why a chat template could not be read or rendered.
package enum ChatTemplateError: Error, Equatable, CustomStringConvertible {
    /// The template is not well-formed: the model file's fault.
    case syntax(line: Int, message: String)
    /// The template uses a part of Jinja that is not supported here.
    case unsupported(line: Int, construct: String)
    /// The template refused the conversation with `raise_exception`: the client's fault, and `message` says why.
    case raised(message: String)
    /// An undefined value was used where a value is needed, mostly a message without an expected member.
    case undefined(line: Int, message: String)
    /// An operation on values it is not defined for.
    case evaluation(line: Int, message: String)
    /// The template or this rendering of it needs more than `ChatTemplateLimits` allow.
    case limitExceeded(line: Int, limit: String)

    package var description: String {
        switch self {
        case .syntax(let line, let message): "chat template, line \(line): \(message)"
        case .unsupported(let line, let construct): "chat template, line \(line): \(construct) is not supported"
        case .raised(let message): message
        case .undefined(let line, let message): "chat template, line \(line): \(message)"
        case .evaluation(let line, let message): "chat template, line \(line): \(message)"
        case .limitExceeded(let line, let limit): "chat template, line \(line): exceeds the limit of \(limit)"
        }
    }
}

/// What goes wrong inside the evaluator, which adds the line on the way out.
enum TemplateFailure: Error, Equatable {
    case unsupported(String)
    case raised(String)
    case undefined(String)
    case evaluation(String)
    case limitExceeded(String)

    func located(at line: Int) -> ChatTemplateError {
        switch self {
        case .unsupported(let construct): .unsupported(line: line, construct: construct)
        case .raised(let message): .raised(message: message)
        case .undefined(let message): .undefined(line: line, message: message)
        case .evaluation(let message): .evaluation(line: line, message: message)
        case .limitExceeded(let limit): .limitExceeded(line: line, limit: limit)
        }
    }
}
