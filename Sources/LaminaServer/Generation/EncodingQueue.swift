import Dispatch
import LaminaEngine

/// Where long prompts are tokenized: one after the other on a thread that is not one of the shared pool's few, so that
/// probes are answered meanwhile.
struct EncodingQueue: Sendable {
    /// Bytes up to which the calling task does the work itself: a fraction of a millisecond.
    private static let shortBytes = 16 << 10

    private let queue = DispatchQueue(label: "lamina.encoding", qos: .utility)

    /// The result of `work`, which handles `bytes` bytes of a request.
    /// - Throws: `EngineRefusal.deadlinePassed` where the deadline has passed before the work's turn; what `work` throws.
    func run<Result: Sendable>(
        bytes: Int, until deadline: ContinuousClock.Instant?, _ work: @escaping @Sendable () throws -> Result
    ) async throws -> Result {
        guard bytes > Self.shortBytes else { return try work() }
        return try await withCheckedThrowingContinuation { continuation in
            queue.async {
                continuation.resume(
                    with: Swift.Result {
                        if let deadline, deadline <= .now { throw EngineRefusal.deadlinePassed }
                        return try work()
                    })
            }
        }
    }
}
