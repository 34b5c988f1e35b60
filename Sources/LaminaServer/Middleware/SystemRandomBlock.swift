import Glibc
import Synchronization

/// The system's random numbers, eight at a time: enough for all ids of a request.
struct SystemRandomBlock: RandomNumberGenerator {
    fileprivate typealias Numbers = InlineArray<8, UInt64>

    /// Numbers that one system call gave and nobody has taken.
    private static let reserve = Mutex(RandomReserve())

    private var numbers = Numbers(repeating: 0)
    private var used = 8

    mutating func next() -> UInt64 {
        if used == numbers.count {
            numbers = Self.reserve.withLock { $0.take() }
            used = 0
        }
        defer { used += 1 }
        return numbers[used]
    }
}

/// As many numbers as one system call gives.
private struct RandomReserve {
    /// 256 bytes: they come whole, and are waited for only while the machine starts (getentropy(3)).
    private var numbers = [UInt64](repeating: 0, count: 32)
    private var used = 32

    mutating func take() -> SystemRandomBlock.Numbers {
        if used == numbers.count { fill() }
        var block = SystemRandomBlock.Numbers(repeating: 0)
        for index in 0..<block.count { block[index] = numbers[used + index] }
        used += block.count
        return block
    }

    private mutating func fill() {
        let isFilled = numbers.withUnsafeMutableBytes { bytes in
            bytes.baseAddress.map { getentropy($0, bytes.count) } == 0
        }
        if !isFilled {
            // A kernel without the call.
            var system = SystemRandomNumberGenerator()
            for index in numbers.indices { numbers[index] = system.next() }
        }
        used = 0
    }
}
