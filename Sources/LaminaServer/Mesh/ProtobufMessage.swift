/// A message in protobuf's binary form (https://protobuf.dev/programming-guides/encoding/), as far as load reports need it.
struct ProtobufMessage {
    private enum WireType: Int {
        case fixed64 = 1
        case lengthDelimited = 2
    }

    /// What was written so far.
    private(set) var bytes: [UInt8] = []

    /// A double; 0 is what a field has that is not there, and is not written.
    mutating func append(_ field: Int, _ value: Double) {
        if value != 0 { appendFixed(field, value) }
    }

    /// An entry of a `map<string, double>`: a message of key 1 and value 2, both of which are always written.
    mutating func append(_ field: Int, _ key: String, _ value: Double) {
        var entry = ProtobufMessage()
        entry.appendTag(1, .lengthDelimited)
        entry.appendLengthDelimited(Array(key.utf8))
        entry.appendFixed(2, value)
        appendTag(field, .lengthDelimited)
        appendLengthDelimited(entry.bytes)
    }

    private mutating func appendFixed(_ field: Int, _ value: Double) {
        appendTag(field, .fixed64)
        withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes.append(contentsOf: $0) }
    }

    private mutating func appendLengthDelimited(_ content: [UInt8]) {
        appendVarint(content.count)
        bytes += content
    }

    private mutating func appendTag(_ field: Int, _ type: WireType) { appendVarint(field << 3 | type.rawValue) }

    private mutating func appendVarint(_ value: Int) {
        var rest = UInt(value)
        while rest > 0x7F {
            bytes.append(UInt8(rest & 0x7F) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }
}
