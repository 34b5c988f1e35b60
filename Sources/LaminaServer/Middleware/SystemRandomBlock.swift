import Glibc

/// The system's random numbers, eight for one system call: enough for all ids of a request.
struct SystemRandomBlock: RandomNumberGenerator {
    private var numbers = InlineArray<8, UInt64>(repeating: 0)
    private var used = 8

    mutating func next() -> UInt64 {
        if used == numbers.count { fill() }
        defer { used += 1 }
        return numbers[used]
    }

    /// At most 256 bytes come whole, and are waited for only while the machine starts (getentropy(3)).
    private mutating func fill() {
        var span = numbers.mutableSpan
        let isFilled = span.withUnsafeMutableBytes { bytes in
            bytes.baseAddress.map { getentropy($0, bytes.count) } == 0
        }
        if !isFilled {
            // A kernel without the call.
            var system = SystemRandomNumberGenerator()
            for index in 0..<numbers.count { numbers[index] = system.next() }
        }
        used = 0
    }
}
