import COpenSSL

/// Application-layer protocol negotiation (RFC 7301): this code speaks http/1.1.
enum ApplicationProtocols {
    private static let http11 = Array("http/1.1".utf8)

    /// The list a client offers: each name after its length.
    static let offer = [UInt8(http11.count)] + http11

    /// A server's choice from a client's list. Without an overlap the handshake ends with no_application_protocol (§3.2).
    static func choose(
        _ chosen: UnsafeMutablePointer<UnsafePointer<UInt8>?>?, _ length: UnsafeMutablePointer<UInt8>?,
        _ offered: UnsafePointer<UInt8>?, _ count: UInt32
    ) -> Int32 {
        guard let chosen, let length, let offered else { return SSL_TLSEXT_ERR_ALERT_FATAL }
        let list = UnsafeBufferPointer(start: offered, count: Int(count))
        var index = 0
        while index < list.count {
            let name = index + 1..<min(index + 1 + Int(list[index]), list.count)
            if list[name].elementsEqual(http11) {
                // It must outlive this call, which the client's own list does.
                chosen.pointee = offered + name.lowerBound
                length.pointee = UInt8(name.count)
                return SSL_TLSEXT_ERR_OK
            }
            index = name.upperBound
        }
        return SSL_TLSEXT_ERR_ALERT_FATAL
    }
}
