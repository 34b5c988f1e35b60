/// Why a GGUF file, or something asked of it, was refused. The description says what is wrong, where, and what would
/// be allowed.
package enum GGUFError: Error, Equatable, Sendable {
    /// The file could not be opened or mapped: it is missing, unreadable, empty, or not a regular file.
    case unreadable(path: String, reason: String)
    /// The bytes at `offset` (from the start of the file) do not hold what the format allows in `field`.
    case malformed(path: String, offset: Int, field: String, found: String, allowed: String)
    /// The metadata value exists but has another type than the caller can use.
    case wrongType(path: String, key: String, expected: String, found: String)
    /// The caller needs a tensor that the file does not have.
    case missingTensor(path: String, name: String)
    /// The tensor exists, but nothing here computes with its type.
    case unsupportedTensorType(path: String, tensor: String, type: GGUFTensorType)
}

extension GGUFError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .unreadable(let path, let reason):
            return "\(path): \(reason)"
        case .malformed(let path, let offset, let field, let found, let allowed):
            return "\(path): byte \(offset): \(field): found \(found), allowed is \(allowed)"
        case .wrongType(let path, let key, let expected, let found):
            return "\(path): metadata '\(printable(key))': expected \(expected), found \(found)"
        case .missingTensor(let path, let name):
            return "\(path): the file has no tensor '\(printable(name))'; list its tensors with `show`"
        case .unsupportedTensorType(let path, let tensor, let type):
            let supported = GGUFTensorType.allCases.filter(\.isSupported).map(\.name).joined(separator: ", ")
            return "\(path): tensor '\(printable(tensor))' has type \(type.name), which is not supported; "
                + "use a file whose tensors are \(supported)"
        }
    }
}
