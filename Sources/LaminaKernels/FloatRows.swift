// Rows of floats that kernels read and write: the activations of a step.

/// A buffer of rows [capacity, columns] of floats, zeroed at first.
package struct FloatRows {
    /// Rows there is room for.
    package let capacity: Int
    /// Floats per row.
    package let columns: Int
    let base: UnsafeMutablePointer<Float>
    private let memory: AlignedBuffer

    /// Room for `capacity` rows of `columns` floats.
    package init(capacity: Int, columns: Int) throws(KernelError) {
        self.capacity = capacity
        self.columns = columns
        memory = try AlignedBuffer(byteCount: capacity * columns * 4)
        base = memory.pointer(to: Float.self)
    }

    /// First float of a row.
    @inline(always)
    func row(_ index: Int) -> UnsafeMutablePointer<Float> { base + index &* columns }

    /// Reads one row.
    package func withRow<Result, Failure: Error>(
        _ index: Int, _ body: (Span<Float>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        require(index >= 0 && index < capacity, "row outside the buffer")
        return try body(UnsafeBufferPointer(start: row(index), count: columns).span)
    }

    /// Reads and overwrites one row.
    package func withMutableRow(_ index: Int, _ body: (inout MutableSpan<Float>) -> Void) {
        require(index >= 0 && index < capacity, "row outside the buffer")
        var span = UnsafeMutableBufferPointer(start: row(index), count: columns).mutableSpan
        body(&span)
    }

    /// Replaces one row by `values`, which has as many floats.
    package func setRow(_ index: Int, to values: [Float]) {
        require(index >= 0 && index < capacity && values.count == columns, "row outside the buffer")
        row(index).update(from: values, count: columns)
    }
}
