/// What `X-Forwarded-Client-Cert` may measure.
package enum ForwardedCertificateLimits {
    /// Bytes of the field, its lines together: a certificate with its chain, percent-encoded, takes about ten thousand.
    package static let bytes = 48 * 1024
    /// Elements, one for each proxy on the way.
    package static let elements = 32
    /// Pairs of one element: certificates may have many names.
    package static let pairs = 128
}
