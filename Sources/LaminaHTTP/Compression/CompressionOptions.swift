/// Which responses are compressed, and how hard.
package struct CompressionOptions: Sendable, Equatable {
    /// Whether responses are compressed at all. Compressed request bodies are read in any case.
    package var isEnabled = true
    /// zlib's 1 (fastest) to 9. Level 6 makes a scrape's 120 KiB of metrics 18 % smaller than level 1 does, in 3.4 times the
    /// time, which the engine's threads want.
    package var level = 1
    /// Whether event streams are compressed too, each event flushed. Not unless asked for: some proxies and clients hold a
    /// compressed stream back, and events are short.
    package var includesEventStreams = false

    /// The defaults above.
    package init() {}
}

/// Bounds of compression.
enum CompressionLimits {
    /// Bodies below this many bytes are left alone: with its head such a response fits one packet either way.
    static let leastBytes = 1024
    /// Bytes compressed before other tasks have their turn: about a millisecond.
    static let sliceBytes = 256 * 1024
    /// Bytes of gzip data expanded before other tasks have their turn: at most 4 MiB, at a ratio of 1032, some milliseconds.
    static let expandedSliceBytes = 4 * 1024
    /// Bytes of zlib's output taken at once.
    static let outputBytes = 32 * 1024
}
