/// A byte string per token, in one allocation.
struct TokenBytes: Sendable {
    private var storage: [UInt8] = []
    private var ends: [Int] = []

    /// How many byte strings there are.
    var count: Int { ends.count }

    /// The longest byte string.
    private(set) var longest = 0

    mutating func append(_ bytes: some Collection<UInt8>) {
        storage.append(contentsOf: bytes)
        ends.append(storage.count)
        longest = max(longest, bytes.count)
    }

    /// The bytes of token `index`, which must be one of those appended.
    subscript(index: Int) -> ArraySlice<UInt8> { storage[range(of: index)] }

    /// Whether token `index` is exactly the bytes of `text` in `other`.
    func matches(_ index: Int, _ text: [UInt8], _ other: Range<Int>) -> Bool {
        let range = range(of: index)
        guard range.count == other.count else { return false }
        for offset in 0..<range.count where storage[range.lowerBound &+ offset] != text[other.lowerBound &+ offset] {
            return false
        }
        return true
    }

    private func range(of index: Int) -> Range<Int> {
        (index == 0 ? 0 : ends[index - 1])..<ends[index]
    }
}
