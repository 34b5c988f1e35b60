import CZlib

/// zlib's state, at an address that does not change: zlib checks that it is called with the one it was set up with.
struct ZlibStream: ~Copyable {
    /// Whether to call zlib again.
    enum Progress {
        case more
        case done
    }

    private let state: UnsafeMutablePointer<z_stream>
    private let end: (UnsafeMutablePointer<z_stream>) -> Int32

    /// - Parameters:
    ///   - setUp: calls `deflateInit2_` or `inflateInit2_`.
    ///   - end: calls `deflateEnd` or `inflateEnd`, which free what the state points to.
    /// - Throws: `GzipError.unavailable`.
    init(
        setUp: (UnsafeMutablePointer<z_stream>) -> Int32, end: @escaping (UnsafeMutablePointer<z_stream>) -> Int32
    ) throws(GzipError) {
        let state = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
        state.initialize(to: z_stream())
        let status = setUp(state)
        guard status == Z_OK else {
            state.deallocate()
            throw .unavailable(status: status)
        }
        self.state = state
        self.end = end
    }

    deinit {
        // The status says only whether data were left over.
        _ = end(state)
        state.deallocate()
    }

    /// What zlib says about the last error in the data.
    var message: String { state.pointee.msg.map { String(cString: $0) } ?? "it cannot be decoded" }

    /// Calls zlib on the input again and again, until `take` has enough.
    ///
    /// - Parameters:
    ///   - step: calls `deflate` or `inflate` and returns its status.
    ///   - take: gets each piece of output, the status, and how many bytes of input are left.
    func run(
        _ input: ArraySlice<UInt8>, step: (UnsafeMutablePointer<z_stream>) -> Int32,
        take: (_ output: Slice<UnsafeMutableBufferPointer<UInt8>>, _ status: Int32, _ inputLeft: Int) -> Progress
    ) {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: CompressionLimits.outputBytes) { output in
            input.withUnsafeBufferPointer { bytes in
                // zlib only reads there; its type is older than const.
                state.pointee.next_in = UnsafeMutablePointer(mutating: bytes.baseAddress)
                state.pointee.avail_in = UInt32(bytes.count)
                var progress = Progress.more
                while progress == .more {
                    state.pointee.next_out = output.baseAddress
                    state.pointee.avail_out = UInt32(output.count)
                    let status = step(state)
                    let written = output.count - Int(state.pointee.avail_out)
                    progress = take(output[..<written], status, Int(state.pointee.avail_in))
                }
                state.pointee.next_in = nil
                state.pointee.avail_in = 0
            }
        }
    }
}
