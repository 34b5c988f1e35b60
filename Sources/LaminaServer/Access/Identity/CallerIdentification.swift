import HTTPTypes
import LaminaHTTP

/// Finds out who asks.
///
/// A certificate that the client showed us counts before what anybody says about it. What proxies and gateways say counts only from
/// those that are trusted; from others it is passed over, and counted. A trusted proxy whose field cannot be read
/// is a fault, not an unknown client: reading on could take a forger's word.
struct CallerIdentification: Sendable {
    private let services: CallerServices
    private let proxies: TrustedProxies
    private let gateways: TrustedGateways

    init(_ services: CallerServices, proxies: TrustedProxies, gateways: TrustedGateways) {
        self.services = services
        self.proxies = proxies
        self.gateways = gateways
    }

    func caller(of request: IncomingRequest) -> Caller {
        var caller = Caller(keyName: services.keys?.name(for: request))
        do throws(APIError) {
            caller.identity = try identity(of: request)
            caller.gateway = try terms(of: request, from: caller.identity)
        } catch {
            caller.fault = error
        }
        return caller
    }

    private func identity(of request: IncomingRequest) throws(APIError) -> PeerIdentity? {
        let fields = request.head.headerFields
        var forwarded: PeerIdentity?
        for field in TrustedProxies.Field.allCases {
            let lines = fields[values: field.name]
            guard !lines.isEmpty else { continue }
            // Our own handshake has said who it is: a header must not say otherwise.
            guard request.peerIdentity == nil,
                proxies.contains(peer: request.remoteAddress, naming: field, in: services.meshKind())
            else {
                services.metrics.forwarded(field, .ignored)
                continue
            }
            do {
                forwarded = try read(field, lines)
                services.metrics.forwarded(field, .accepted)
            } catch {
                services.metrics.forwarded(field, .malformed)
                throw .unreadableIdentity(field.rawValue, "\(error)")
            }
        }
        return request.peerIdentity ?? forwarded
    }

    private func read(_ field: TrustedProxies.Field, _ lines: [String]) throws -> PeerIdentity {
        switch field {
        case .clientCertificate:
            return PeerIdentity(try ForwardedClientCertificate(lines: lines, ownID: proxies.ownID))
        case .linkerdClientID:
            guard let identity = PeerIdentity(linkerdClientID: lines) else { throw LinkerdClientIDError() }
            return identity
        }
    }

    private func terms(of request: IncomingRequest, from identity: PeerIdentity?) throws(APIError) -> GatewayTerms {
        let fields = request.head.headerFields
        let fairnessID = GatewayField.fairnessID.value(in: fields)
        let objective = GatewayField.objective.value(in: fields)
        guard fairnessID != nil || objective != nil else { return GatewayTerms() }
        guard gateways.contains(identity, peer: request.remoteAddress) else {
            if fairnessID != nil { services.metrics.ignored(.fairnessID) }
            if objective != nil { services.metrics.ignored(.objective) }
            return GatewayTerms()
        }
        if let fairnessID, fairnessID.utf8.count > OpenAILimits.nameBytes {
            throw .invalid(
                "'\(GatewayField.fairnessID.rawValue)' must have at most \(OpenAILimits.nameBytes) bytes, "
                    + "not \(fairnessID.utf8.count)", parameter: GatewayField.fairnessID.rawValue)
        }
        return GatewayTerms(fairnessID: fairnessID, priority: objective.flatMap { gateways.objectives[$0] })
    }
}

/// `l5d-client-id` that is not one name.
private struct LinkerdClientIDError: Error, CustomStringConvertible {
    let description = "it must be one DNS name or SPIFFE ID"
}

extension TrustedProxies.Field {
    fileprivate var name: HTTPField.Name {
        switch self {
        case .clientCertificate: .forwardedClientCertificate
        case .linkerdClientID: .linkerdClientID
        }
    }
}

extension HTTPField.Name {
    static let forwardedClientCertificate = known(TrustedProxies.Field.clientCertificate.rawValue)
    static let linkerdClientID = known(TrustedProxies.Field.linkerdClientID.rawValue)
}
