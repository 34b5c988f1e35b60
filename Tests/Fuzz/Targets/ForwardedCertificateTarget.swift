import LaminaHTTP

/// `X-Forwarded-Client-Cert`, a field line on each line of the input: what is accepted holds up its promises, and nobody who sends a field
/// can change what the sidecar's own element, which comes last, is read as: it is read alike, or the whole is refused.
enum ForwardedCertificateTarget {
    private static let caller = "spiffe://cluster.local/ns/chat/sa/frontend"
    private static let hash = String(repeating: "b0", count: 32)

    /// What sidecars append: with a subject, without one, and without any quotes.
    private static let elements = [
        #"By=spiffe://cluster.local/ns/llm/sa/lamina;Hash=\#(hash);Subject="CN=frontend,O=cluster.local";URI=\#(caller)"#,
        #"By=spiffe://cluster.local/ns/llm/sa/lamina;Hash=\#(hash);Subject="";URI=\#(caller)"#,
        "By=spiffe://cluster.local/ns/llm/sa/lamina;Hash=\(hash);URI=\(caller)",
    ]

    static func check(_ bytes: [UInt8]) {
        let lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: false).map {
            String(decoding: $0, as: UTF8.self)
        }
        if let certificate = read(lines) {
            expect(certificate.hash.utf8.count == 64, "the hash is \(certificate.hash)")
            expect(read([lines.joined(separator: ",")]) == certificate, "as one line it is another")
            expect(read([lines.joined(separator: ", ")]) == certificate, "with spaces it is another")
            let identity = PeerIdentity(certificate)
            expect(
                identity.spiffeID == nil || certificate.uris == [identity.name],
                "\(identity.name) of \(certificate.uris)")
        }
        for element in elements {
            for field in [lines + [element], [lines.joined(separator: ",") + "," + element]] {
                guard let certificate = read(field) else { continue }
                expect(certificate == read([element]), "the sidecar's element is read as \(certificate)")
            }
        }
        let identity = PeerIdentity(linkerdClientID: lines)
        expect(identity == nil || identity?.name == lines[0], "\(String(describing: identity)) of \(lines)")
    }

    private static func read(_ lines: [String]) -> ForwardedClientCertificate? {
        try? ForwardedClientCertificate(lines: lines)
    }
}
