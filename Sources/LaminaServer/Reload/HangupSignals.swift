import Dispatch
import Glibc

/// SIGHUP as an asynchronous sequence; while it lives the signal does not end the process.
package struct HangupSignals {
    /// An element for each signal that arrives.
    package let arrivals: AsyncStream<Void>
    private let source: any DispatchSourceSignal

    /// Takes the signal over.
    package init() {
        let (stream, continuation) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        arrivals = stream
        signal(SIGHUP, SIG_IGN)
        source = DispatchSource.makeSignalSource(signal: SIGHUP, queue: .global())
        source.setEventHandler { @Sendable in continuation.yield() }
        source.activate()
    }

    /// Gives the signal its usual effect again.
    package func cancel() {
        source.cancel()
        signal(SIGHUP, SIG_DFL)
    }
}
