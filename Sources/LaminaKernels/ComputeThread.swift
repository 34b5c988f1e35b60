internal import CSimd
import Glibc
import Synchronization

/// A thread for long computations, outside the pools of Dispatch and Swift concurrency, which must never be blocked.
package final class ComputeThread: Sendable {
    private let handle: pthread_t
    private let isJoined = Atomic(false)

    /// How far below normal priority computations run, so that HTTP and probes are answered while every core computes.
    package static let niceness: Int32 = 5

    private final class Start {
        let name: String
        let body: @Sendable () -> Void
        init(name: String, body: @escaping @Sendable () -> Void) {
            self.name = name
            self.body = body
        }
    }

    /// Starts a thread that runs `body` once.
    /// - Parameter name: shown by ps and perf; at most 15 bytes.
    package init(name: String, body: @escaping @Sendable () -> Void) throws(KernelError) {
        let start = Unmanaged.passRetained(Start(name: name, body: body))
        var thread = pthread_t()
        let status = pthread_create(
            &thread, nil,
            { argument in
                guard let argument else { return nil }
                let start = Unmanaged<Start>.fromOpaque(argument).takeRetainedValue()
                thread_set_name(start.name)
                // Linux keeps a nice value per thread.
                setpriority(__priority_which_t(PRIO_PROCESS.rawValue), id_t(thread_id()), ComputeThread.niceness)
                start.body()
                return nil
            }, start.toOpaque())
        guard status == 0 else {
            start.release()
            throw .threadNotStarted(errno: status)
        }
        handle = thread
    }

    deinit { if !isJoined.load(ordering: .relaxed) { pthread_detach(handle) } }

    /// Waits for the thread's end, once; later calls return at once.
    package func join() {
        if !isJoined.exchange(true, ordering: .relaxed) { pthread_join(handle, nil) }
    }
}
