package import HTTPTypes

/// What a request's Accept-Encoding says about the codings of this server (RFC 9110 §12.5.3).
package struct AcceptEncoding: Sendable, Equatable {
    /// Preferences in thousandths; nil where the field does not say, 0 where the coding is refused.
    private var gzip: Int?
    private var identity: Int?
    private var others: Int?

    /// Whether a response without any coding may be sent. A server that has nothing else may send one all the same.
    package var acceptsIdentity: Bool { (identity ?? others ?? 1000) > 0 }

    /// Whether gzip is accepted, and no worse than no coding. A client that names no codings may not know any, so it gets none.
    package var prefersGzip: Bool {
        let weight = gzip ?? others ?? 0
        return weight > 0 && weight >= (identity ?? 0)
    }

    /// Reads the fields of a request.
    ///
    /// Elements that are malformed, by a weight outside 0...1 above all, name nothing that is accepted. Of two that name the
    /// same coding the first counts.
    package init(_ fields: HTTPFields) {
        for element in fields.listElements(.acceptEncoding) {
            let parts = element.utf8.split(separator: UInt8(ascii: ";"), omittingEmptySubsequences: false).map {
                String(decoding: HTTPGrammar.trimmed(ArraySlice($0)), as: UTF8.self)
            }
            guard let weight = Self.weight(parts.dropFirst()) else { continue }
            if parts[0] == "*" {
                others = others ?? weight
                continue
            }
            switch ContentCoding(name: parts[0]) {
            case .gzip: gzip = gzip ?? weight
            case .identity: identity = identity ?? weight
            case nil: continue
            }
        }
    }

    /// In thousandths; nil where it is malformed. `weight = OWS ";" OWS "q=" qvalue` is the only parameter there is.
    private static func weight(_ parameters: ArraySlice<String>) -> Int? {
        guard let parameter = parameters.first else { return 1000 }
        guard parameters.count == 1, parameter.hasPrefix("q=") else { return nil }
        return thousandths(parameter.dropFirst(2))
    }

    /// A `qvalue` (RFC 9110 §12.4.2): 0 or 1 with up to three decimals, at most 1.
    private static func thousandths(_ text: Substring) -> Int? {
        let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        let decimals = parts.count > 1 ? parts[1] : ""
        guard parts[0] == "0" || parts[0] == "1", decimals.utf8.count <= 3,
            decimals.utf8.allSatisfy({ (0x30...0x39).contains($0) })
        else { return nil }
        let padded = decimals + String(repeating: "0", count: 3 - decimals.utf8.count)
        guard let fraction = Int(padded) else { return nil }
        let value = (parts[0] == "1" ? 1000 : 0) + fraction
        return value <= 1000 ? value : nil
    }
}
