// How a step's attention is divided into tasks: the same for all layers of the step.

/// Tiles of the tokens of a step, and the spans their contexts are divided into.
package struct AttentionPlan {
    /// Consecutive tokens of one sequence.
    struct Tile {
        /// Row of the first token in the batch.
        let row: Int
        /// Tokens, all with the same span length.
        let count: Int
        /// Tokens the last token attends to.
        let length: Int
        /// Tokens of a span.
        let spanTokens: Int
        /// Spans before this tile's in `spans`.
        let firstSpan: Int

        var spanCount: Int { (length &+ spanTokens &- 1) / spanTokens }

        /// Tokens of the `index`-th span.
        func span(_ index: Int) -> Range<Int> {
            (index &* spanTokens)..<min((index &+ 1) &* spanTokens, length)
        }
    }

    private(set) var tiles: [Tile] = []
    /// Tile of each span; empty where a tile's spans are computed one after the other.
    private(set) var spans: [Int] = []

    /// Spans are computed side by side where there are fewer tiles than `Self.tasksPerThread` a thread.
    var isSplit: Bool { !spans.isEmpty }

    // Enough tasks that threads end together; few enough that a tile's rows share the blocks they read.
    private static let tasksPerThread = 4
    private static let maximumRows = 32
    private static let minimumSpan = 512
    private static let maximumSpans = 32

    /// Divides the tokens of `batch`.
    /// - Parameters:
    ///   - groupSize: query heads per KV head.
    ///   - heads: KV heads.
    package init(_ batch: PagedBatch, groupSize: Int, heads: Int, threadCount: Int) {
        let tasks = Self.tasksPerThread * threadCount
        let tokens = max(1, min(batch.count * heads / tasks, Self.maximumRows / groupSize))
        var spanCount = 0
        for slice in batch.slices {
            var offset = 0
            while offset < slice.rows.count {
                let first = slice.startPosition + offset + 1
                let spanTokens = Self.spanTokens(length: first)
                let sameSpans = spanTokens * Self.maximumSpans - first + 1
                let count = min(tokens, slice.rows.count - offset, sameSpans)
                let tile = Tile(
                    row: slice.rows.lowerBound + offset, count: count, length: first + count - 1,
                    spanTokens: spanTokens,
                    firstSpan: spanCount)
                tiles.append(tile)
                spanCount += tile.spanCount
                offset += count
            }
        }
        guard tokens == 1, tiles.count * heads < tasks, spanCount > tiles.count else { return }
        spans = tiles.indices.flatMap { repeatElement($0, count: tiles[$0].spanCount) }
    }

    /// Rows of one tile at most.
    static func maximumRows(groupSize: Int) -> Int { max(maximumRows, groupSize) }

    /// Spans that can be computed side by side at most, over all heads.
    static func maximumSpans(contextLength: Int, threadCount: Int) -> Int {
        tasksPerThread * threadCount
            * min(maximumSpans, (contextLength + minimumSpan - 1) / minimumSpan)
    }

    /// Depends on the length alone: the order of a row's sums must not depend on its batch.
    static func spanTokens(length: Int) -> Int {
        var tokens = minimumSpan
        while length > tokens &* maximumSpans { tokens &*= 2 }
        return tokens
    }
}
