import Dispatch
import Glibc

/// SIGTERM and SIGINT as an asynchronous sequence; while it lives they no longer end the process by themselves.
package struct ShutdownSignals {
    /// The name of each signal as it arrives.
    package let names: AsyncStream<String>
    private let sources: [any DispatchSourceSignal]

    /// Takes the signals over.
    package init() {
        let (stream, continuation) = AsyncStream<String>.makeStream()
        names = stream
        sources = [(SIGTERM, "SIGTERM"), (SIGINT, "SIGINT")].map { number, name in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler { @Sendable in continuation.yield(name) }
            source.activate()
            return source
        }
    }

    /// Gives the signals their usual effect again.
    package func cancel() {
        for source in sources { source.cancel() }
        signal(SIGTERM, SIG_DFL)
        signal(SIGINT, SIG_DFL)
    }
}
