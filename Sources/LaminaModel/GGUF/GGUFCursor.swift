#if _endian(big)
    #error("GGUF files are little endian and are mapped as they are; this reader runs on little-endian machines only.")
#endif

/// Reads little-endian fields one after the other from a file's bytes and never past their end.
///
/// Every method checks what it needs against the bytes that are left before it reads or allocates anything, and names
/// the field it was asked for when it refuses.
struct GGUFCursor {
    let bytes: UnsafeRawBufferPointer
    let path: String

    /// Bytes read so far, from the start of the file.
    private(set) var offset = 0

    /// Where reading stops: the end of the file, or ``GGUFLimits/headerBytes`` when that comes first.
    private let end: Int

    init(bytes: UnsafeRawBufferPointer, path: String) {
        self.bytes = bytes
        self.path = path
        end = min(bytes.count, GGUFLimits.headerBytes)
    }

    /// Bytes left to read.
    var remaining: Int { end - offset }

    /// An integer of any width.
    mutating func integer<Integer: FixedWidthInteger & BitwiseCopyable>(
        _ type: Integer.Type = Integer.self, field: @autoclosure () -> String
    ) throws(GGUFError) -> Integer {
        try require(byteCount: MemoryLayout<Integer>.size, field: field())
        defer { offset += MemoryLayout<Integer>.size }
        return bytes.loadUnaligned(fromByteOffset: offset, as: Integer.self)
    }

    /// A boolean: one byte that is 0 or 1.
    mutating func bool(field: @autoclosure () -> String) throws(GGUFError) -> Bool {
        let start = offset
        switch try integer(UInt8.self, field: field()) {
        case 0: return false
        case 1: return true
        case let other: throw refusal(at: start, field: field(), found: "\(other)", allowed: "0 or 1 for a bool")
        }
    }

    /// A string: its length in bytes (`uint64`) and that many bytes of UTF-8.
    ///
    /// What is not UTF-8 is refused, as the specification says it is. A repaired key or token would be another key or
    /// token than the one in the file, and two could become equal.
    mutating func string(maximumBytes: Int, field: @autoclosure () -> String) throws(GGUFError) -> String {
        let start = offset
        let length = try integer(UInt64.self, field: "\(field()) (length)")
        guard length <= UInt64(maximumBytes) else {
            throw refusal(
                at: start, field: "\(field()) (length)", found: "\(length) bytes", allowed: "up to \(maximumBytes)")
        }
        try require(byteCount: Int(length), field: field())
        defer { offset += Int(length) }
        let content = UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + Int(length)])
        guard let string = String(validating: content, as: UTF8.self) else {
            throw refusal(at: offset, field: field(), found: "bytes that are not UTF-8", allowed: "UTF-8")
        }
        return string
    }

    /// `count` values of a fixed-size type, copied as they lie in the file.
    mutating func values<Value: BitwiseCopyable>(
        _ type: Value.Type, count: Int, field: @autoclosure () -> String
    ) throws(GGUFError) -> [Value] {
        let (byteCount, overflow) = count.multipliedReportingOverflow(by: MemoryLayout<Value>.stride)
        try require(byteCount: overflow ? .max : byteCount, field: field())
        defer { offset += byteCount }
        let source = UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + byteCount])
        return [Value](unsafeUninitializedCapacity: count) { buffer, initializedCount in
            UnsafeMutableRawBufferPointer(buffer).copyMemory(from: source)
            initializedCount = count
        }
    }

    /// Refuses unless `count` items of at least `minimumByteCount` bytes each can follow: called before room for them
    /// is allocated.
    func require(
        count: UInt64, limit: Int, minimumByteCount: Int, at start: Int, field: @autoclosure () -> String
    ) throws(GGUFError) {
        guard count <= UInt64(limit) else {
            throw refusal(at: start, field: field(), found: "\(count)", allowed: "up to \(limit)")
        }
        guard Int(count) <= remaining / minimumByteCount else {
            throw refusal(
                at: start, field: field(), found: "\(count)",
                allowed: "at most \(remaining / minimumByteCount) in the \(remaining) bytes that follow")
        }
    }

    /// The error for a field that this file may not have.
    func refusal(at offset: Int, field: String, found: String, allowed: String) -> GGUFError {
        .malformed(path: path, offset: offset, field: field, found: found, allowed: allowed)
    }

    private func require(byteCount: Int, field: @autoclosure () -> String) throws(GGUFError) {
        guard byteCount <= remaining else {
            let boundary =
                end == bytes.count
                ? "what the file of \(bytes.count) bytes still has"
                : "what is left of the \(end) bytes a header may take"
            throw refusal(
                at: offset, field: field(), found: "a need for \(byteCount) bytes",
                allowed: "\(remaining) bytes, \(boundary)")
        }
    }
}
