/// Why an `X-Forwarded-Client-Cert` field names nobody. What it holds is not repeated: it may come from a forger.
package enum ForwardedCertificateError: Error, Equatable, CustomStringConvertible {
    /// The field is longer than it may be.
    case tooLong(limitBytes: Int)
    /// There are more elements than proxies on any sensible way.
    case tooManyElements(limit: Int)
    /// An element has more pairs than a certificate has names.
    case tooManyPairs(limit: Int)
    /// Another byte than the grammar allows, or an end where it asks for one, so many bytes into its line.
    case malformed(offset: Int, expected: String)
    /// A key of the last element that has one value stands in it twice.
    case repeated(key: String)
    /// The last element has no `Hash` of 64 hexadecimal digits.
    case noHash
    /// The last element was not written by our own proxy: `By` is not who we are.
    case notForUs(ownID: SPIFFEID)

    package var description: String {
        switch self {
        case .tooLong(let limit): "it has more than \(limit) bytes"
        case .tooManyElements(let limit): "it has more than \(limit) elements"
        case .tooManyPairs(let limit): "an element has more than \(limit) pairs"
        case .malformed(let offset, let expected): "\(expected) is expected at byte \(offset) of a line"
        case .repeated(let key): "its last element has '\(key)' twice"
        case .noHash: "its last element has no 'Hash' of 64 hexadecimal digits"
        case .notForUs(let ownID): "its last element has no 'By' of \(ownID)"
        }
    }
}
