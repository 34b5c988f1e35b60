/// Why keys cannot be used. No case quotes what was read: it may be a key.
enum APIKeyError: Error, Equatable, CustomStringConvertible {
    /// What is wrong with a line.
    enum Fault: Error, Equatable {
        /// A name has other characters than letters, digits, `.`, `_`, `-` and `@`, or too many.
        case name
        /// A key is empty, too long, or has characters other than visible ASCII, or a colon.
        case key
        /// `sha256:` is not followed by 64 hexadecimal digits.
        case digest
        /// The same key stands further up.
        case repeated(firstLine: Int)
        /// More keys than the limit.
        case tooMany
        /// OpenSSL cannot compute SHA-256.
        case noHash
    }

    /// A line (or part of the variable) is not as it should be.
    case malformed(APIKeyList.Source, line: Int, Fault)
    /// There is a list, but no key on it.
    case noKeys(APIKeyList.Source)
    /// The file is not text.
    case notText(path: String)
    /// The file that a setting names cannot be read.
    case unreadable(setting: String, BoundedFileError)

    var description: String {
        switch self {
        case .malformed(.file(let path), let line, let fault): "\(path), line \(line): \(fault.description)"
        case .malformed(.environment(let variable), let line, let fault):
            "\(variable), entry \(line): \(fault.description)"
        case .noKeys(.file(let path)): "\(path) names no API key; leave --api-key-file out to serve without keys"
        case .noKeys(.environment(let variable)): "\(variable) names no API key; unset it to serve without keys"
        case .notText(let path): "\(path) is not UTF-8 text"
        case .unreadable(let setting, let error): "\(setting): \(error)"
        }
    }
}

extension APIKeyError.Fault: CustomStringConvertible {
    var description: String {
        switch self {
        case .name:
            "the name before ':' must have 1 to \(APIKeyLimits.nameBytes) letters, digits, '.', '_', '-' or '@'"
        case .key: "a key must have 1 to \(APIKeyLimits.keyBytes) visible ASCII characters, none of them ':'"
        case .digest: "'sha256:' must be followed by the 64 hexadecimal digits of the key's SHA-256"
        case .repeated(let line): "this key stands on line \(line) already"
        case .tooMany: "there are more than \(APIKeyLimits.keys) keys"
        case .noHash: "OpenSSL cannot compute SHA-256"
        }
    }
}
