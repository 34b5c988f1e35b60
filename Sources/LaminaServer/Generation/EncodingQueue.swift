import Dispatch

/// Where long prompts are tokenized: one after the other on a thread that is not one of the shared pool's few, so that
/// probes are answered meanwhile.
struct EncodingQueue: Sendable {
    /// Bytes up to which the calling task does the work itself: a fraction of a millisecond.
    private static let shortBytes = 16 << 10

    private let queue = DispatchQueue(label: "lamina.encoding", qos: .utility)

    /// The result of `work`, which handles `bytes` bytes of a request.
    func run<Result: Sendable>(bytes: Int, _ work: @escaping @Sendable () throws -> Result) async throws -> Result {
        guard bytes > Self.shortBytes else { return try work() }
        return try await withCheckedThrowingContinuation { continuation in
            queue.async { continuation.resume(with: Swift.Result { try work() }) }
        }
    }
}
