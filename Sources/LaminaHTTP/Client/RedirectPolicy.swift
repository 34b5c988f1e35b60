/// Whether the client goes on to where a response points (RFC 9110 §15.4).
package enum RedirectPolicy: Sendable, Equatable {
    /// The redirect is the response.
    case never
    /// Up to this many, one after the other.
    case follow(limit: Int)

    /// What is usual: `follow` with ten.
    package static let usual = RedirectPolicy.follow(limit: 10)
}

/// Why a redirect is not followed.
package enum RedirectFault: Sendable, Equatable, CustomStringConvertible {
    /// More redirects than the policy allows.
    case tooMany(limit: Int)
    /// A request that was made before: it would go on for ever.
    case loop
    /// From https to http: what was protected would go in the clear.
    case downgrade
    /// The Location is no URL of http or https.
    case malformedLocation

    /// What is wrong, as the end of a sentence.
    package var description: String {
        switch self {
        case .tooMany(let limit): "it is redirect number \(limit + 1), and \(limit) are allowed"
        case .loop: "it was there before, so it would go on for ever"
        case .downgrade: "it leads from https to http, where anybody on the way can read and change it"
        case .malformedLocation: "it is no URL of http or https"
        }
    }
}
