import Synchronization

/// The memory that all request bodies of a server take together: as many clients as there may be connections could otherwise
/// each send the largest body at once.
final class BodyMemory: Sendable {
    /// Bytes of a body that are not counted: of these there are at most as many as connections.
    static let uncountedBytes = 64 * 1024
    /// A lease grows by this much, so that a body takes the lock now and then only.
    private static let stepBytes = 256 * 1024

    private let limitBytes: Int
    private let usedBytes = Mutex(0)

    init(limitBytes: Int) {
        self.limitBytes = limitBytes
    }

    /// Bytes lent now.
    var lentBytes: Int { usedBytes.withLock { $0 } }

    private func take(_ bytes: Int) -> Bool {
        usedBytes.withLock { used in
            guard bytes <= limitBytes - used else { return false }
            used += bytes
            return true
        }
    }

    private func giveBack(_ bytes: Int) {
        usedBytes.withLock { $0 -= bytes }
    }

    /// What one body has taken, given back when nobody holds the lease any more.
    final class Lease: Sendable {
        private let memory: BodyMemory
        private let heldBytes = Mutex(0)

        init(_ memory: BodyMemory) {
            self.memory = memory
        }

        /// Makes the lease cover that many bytes. Returns false where there is no memory left for them.
        func cover(_ bytes: Int) -> Bool {
            heldBytes.withLock { held in
                guard bytes > held else { return true }
                let more = max(bytes - held, BodyMemory.stepBytes)
                guard memory.take(more) else { return false }
                held += more
                return true
            }
        }

        deinit {
            memory.giveBack(heldBytes.withLock { $0 })
        }
    }
}
