/// Why a readable GGUF file is not a model this server can run. Every message names the file and what to change or use instead.
package enum ModelError: Error, Equatable, CustomStringConvertible {
    /// The file is for an architecture that is not implemented.
    case unsupportedArchitecture(path: String, found: String, supported: [String])
    /// A metadata key the architecture needs is absent.
    case missingMetadata(path: String, key: String)
    /// A metadata value makes no sense, or asks for what is not implemented.
    case invalidMetadata(path: String, key: String, found: String, allowed: String)
    /// A tensor has another shape than the metadata says.
    case unexpectedShape(path: String, tensor: String, expected: [Int], found: [Int])
    /// The file has tensors the architecture does not use: running without them would give wrong answers.
    case unusedTensors(path: String, names: [String])
    /// The way keys and values are to be kept does not fit the model's heads.
    case unsupportedCacheType(path: String, type: String, headDimension: Int, multiple: Int)

    package var description: String {
        switch self {
        case .unsupportedArchitecture(let path, let found, let supported):
            "\(path): architecture \"\(found)\" is not supported (general.architecture; supported: "
                + "\(supported.joined(separator: ", ")))"
        case .missingMetadata(let path, let key):
            "\(path): the metadata has no \(key); is it a complete model file, not a vocabulary or an adapter?"
        case .invalidMetadata(let path, let key, let found, let allowed):
            "\(path): \(key) is \(found); allowed: \(allowed)"
        case .unexpectedShape(let path, let tensor, let expected, let found):
            "\(path): tensor \(tensor) has shape \(found), but the metadata asks for \(expected)"
        case .unusedTensors(let path, let names):
            "\(path): \(names.count) tensors are not part of the supported architecture, the first: "
                + names.prefix(3).joined(separator: ", ")
        case .unsupportedCacheType(let path, let type, let headDimension, let multiple):
            "\(path): --kv-type \(type) needs heads of a multiple of \(multiple) dimensions; this model's have "
                + "\(headDimension). Use --kv-type f16"
        }
    }
}
