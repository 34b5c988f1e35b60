import COpenSSL

/// The two queues of encrypted bytes between an SSL object and a connection, as the BIO that OpenSSL reads and writes.
///
/// OpenSSL's own memory BIO keeps the largest buffer it ever needed; these give theirs back when they are empty, which is
/// what an idle connection costs.
final class TLSBuffers {
    private var inbound: [UInt8] = []
    private var inboundOffset = 0
    /// Bytes for the peer, in order.
    private(set) var outbound: [UInt8] = []

    /// Takes bytes that arrived.
    func receive(_ bytes: [UInt8]) {
        if inboundOffset == inbound.count {
            inbound = bytes
            inboundOffset = 0
        } else {
            inbound.append(contentsOf: bytes)
        }
    }

    /// Hands over all bytes for the peer.
    func takeOutbound() -> [UInt8] {
        defer { outbound = [] }
        return outbound
    }

    /// Forgets bytes that were sent.
    func dropOutbound(_ count: Int) {
        if count == outbound.count { outbound = [] } else { outbound.removeFirst(count) }
    }

    private func read(into destination: UnsafeMutableRawPointer, _ capacity: Int) -> Int {
        let count = min(capacity, inbound.count - inboundOffset)
        guard count > 0 else { return 0 }
        inbound.withUnsafeBytes { bytes in
            if let start = bytes.baseAddress { destination.copyMemory(from: start + inboundOffset, byteCount: count) }
        }
        inboundOffset += count
        if inboundOffset == inbound.count {
            inbound = []
            inboundOffset = 0
        }
        return count
    }

    private func write(_ bytes: UnsafeRawBufferPointer) {
        outbound.append(contentsOf: bytes)
    }
}

extension TLSBuffers {
    /// A BIO over these buffers, which must outlive it; nil where there is no memory.
    func makeBIO() -> OpaquePointer? {
        guard let method = Self.method, let bio = BIO_new(method) else { return nil }
        BIO_set_data(bio, Unmanaged.passUnretained(self).toOpaque())
        BIO_set_init(bio, 1)
        return bio
    }

    // Made once, before its first use, and never changed or freed.
    private nonisolated(unsafe) static let method: OpaquePointer? = {
        guard let method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "lamina buffers") else {
            return nil
        }
        BIO_meth_set_read_ex(method) { bio, destination, capacity, count in
            guard let bio, let destination, let count, let buffers = TLSBuffers.of(bio) else { return 0 }
            copenssl_bio_clear_retry(bio)
            count.pointee = buffers.read(into: destination, capacity)
            if count.pointee > 0 { return 1 }
            copenssl_bio_set_retry_read(bio)
            return 0
        }
        BIO_meth_set_write_ex(method) { bio, source, length, count in
            guard let bio, let source, let count, let buffers = TLSBuffers.of(bio) else { return 0 }
            copenssl_bio_clear_retry(bio)
            buffers.write(UnsafeRawBufferPointer(start: source, count: length))
            count.pointee = length
            return 1
        }
        BIO_meth_set_ctrl(method) { _, command, _, _ in command == BIO_CTRL_FLUSH ? 1 : 0 }
        return method
    }()

    private static func of(_ bio: OpaquePointer) -> TLSBuffers? {
        BIO_get_data(bio).map { Unmanaged<TLSBuffers>.fromOpaque($0).takeUnretainedValue() }
    }
}
