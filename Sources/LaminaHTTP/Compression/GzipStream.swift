import Synchronization

/// Compresses a streamed body. Every piece is flushed, so that its reader has it at once.
final class GzipStream: Sendable {
    private let encoder: Mutex<GzipEncoder>
    /// Pieces must be written in the order in which they were compressed.
    private let turns = WriteTurns()

    init(level: Int) throws(GzipError) {
        encoder = Mutex(try GzipEncoder(level: level, for: .stream))
    }

    func write(_ bytes: [UInt8], to writer: any ResponseBodyWriter) async throws {
        // A flush of nothing would still write an empty block.
        guard !bytes.isEmpty else { return }
        await turns.take()
        defer { turns.pass() }
        let data = try encoder.withLock { encoder in try encoder.encode(bytes[...], flush: true) }
        try await writer.write(data)
    }

    /// Writes what ends the data.
    func finish(_ writer: any ResponseBodyWriter) async throws {
        await turns.take()
        defer { turns.pass() }
        let data = try encoder.withLock { encoder in try encoder.finish() }
        try await writer.write(data)
    }
}

/// The writer that a body is handed whose response is compressed.
struct GzipWriter: ResponseBodyWriter {
    let stream: GzipStream
    let writer: any ResponseBodyWriter

    func write(_ bytes: [UInt8]) async throws { try await stream.write(bytes, to: writer) }
}
