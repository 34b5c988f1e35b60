import Synchronization

/// The certificates and rules of a listener as they are now. Connections keep what they were made with.
package final class ReloadableTLSContext: Sendable {
    /// Which files they are read from.
    package let configuration: TLSServerConfiguration
    private let context: Mutex<TLSServerContext>

    /// Reads the files. Throws `TLSError.unusableFile` or `unusableSettings`.
    package init(_ configuration: TLSServerConfiguration) throws(TLSError) {
        self.configuration = configuration
        context = Mutex(try TLSServerContext(configuration))
    }

    /// What new connections are made with.
    package var current: TLSServerContext { context.withLock { $0 } }

    /// Reads the files again, for new connections. Where they are wrong nothing changes.
    ///
    /// - Returns: what is in force now.
    /// - Throws: `TLSError.unusableFile` or `unusableSettings`.
    package func reload() throws(TLSError) -> TLSServerContext {
        let new = try TLSServerContext(configuration)
        context.withLock { $0 = new }
        return new
    }
}
