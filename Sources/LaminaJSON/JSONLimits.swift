/// What a JSON text may cost us. The size of a text is limited by whoever reads it off the wire.
package struct JSONLimits: Sendable {
    /// How deep arrays and objects may be nested; the parser recurses once per level.
    package var maximumDepth: Int

    /// - Parameter maximumDepth: 64 is more than any request or tool schema in the wild needs.
    package init(maximumDepth: Int = 64) {
        self.maximumDepth = maximumDepth
    }
}
