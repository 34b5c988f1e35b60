import Foundation
import LaminaJSON
import Testing

/// What holds for any value, over pseudo-random ones.
@Suite struct JSONRoundTripTests {
    @Test(arguments: 0..<300) func `Reads back what it wrote`(seed: UInt64) throws {
        var source = ValueSource(seed: seed)
        let value = source.value(depth: 4)
        for style in [JSONStyle.compact, .python, .indented(by: 3)] {
            let text = JSONWriter.text(of: value, style: style)
            let again = try JSONValue(parsing: text)
            #expect(again == value)
            #expect(JSONWriter.text(of: again, style: style) == text)
        }
    }

    @Test(arguments: 0..<300) func `Agrees with Foundation`(seed: UInt64) throws {
        var source = ValueSource(seed: seed)
        let value = source.value(depth: 4)
        let bytes = JSONWriter.bytes(of: value)
        let theirs = try JSONSerialization.jsonObject(with: Data(bytes), options: .fragmentsAllowed)
        try expectSame(value, theirs)
        let written = try JSONSerialization.data(withJSONObject: theirs, options: .fragmentsAllowed)
        try expectSame(try JSONValue(parsing: Array(written)), theirs)
    }

    @Test(arguments: 0..<400) func `Accepts and refuses damaged texts as Foundation does`(seed: UInt64) {
        var source = ValueSource(seed: seed)
        var bytes = JSONWriter.bytes(of: source.value(depth: 3))
        let damage = Array("[]{}:,\"\\ue+-.019tfn \u{7f}".utf8) + [0xFF, 0xC3]
        for _ in 0..<Int.random(in: 1...3, using: &source.generator) {
            let position = Int.random(in: 0..<bytes.count, using: &source.generator)
            bytes[position] = damage[Int.random(in: 0..<damage.count, using: &source.generator)]
        }
        let ours = try? JSONValue(parsing: bytes)
        let theirs = try? JSONSerialization.jsonObject(with: Data(bytes), options: .fragmentsAllowed)
        let text = String(decoding: bytes, as: UTF8.self)
        #expect((ours != nil) == (theirs != nil), "\(text)")
    }

    private func expectSame(_ ours: JSONValue, _ theirs: Any) throws {
        switch ours {
        case .null: #expect(theirs is NSNull)
        case .bool(let value): #expect(theirs as? Bool == value)
        case .integer(let value): #expect((theirs as? NSNumber)?.int64Value == value)
        case .number(let value):
            // Foundation on Linux does not round correctly; our own exactness is tested by the round trip.
            let other = try #require(theirs as? NSNumber).doubleValue
            #expect(abs(other - value) <= 4 * value.ulp)
        case .string(let value): #expect(Array((theirs as? String ?? "?").utf8) == Array(value.utf8))
        case .array(let elements):
            let others = try #require(theirs as? [Any])
            #expect(others.count == elements.count)
            for (element, other) in zip(elements, others) { try expectSame(element, other) }
        case .object(let object):
            let others = try #require(theirs as? [String: Any])
            #expect(others.count == object.count)
            for member in object { try expectSame(member.value, try #require(others[member.key])) }
        }
    }
}

/// Pseudo-random JSON values; the same for the same seed.
private struct ValueSource {
    var generator: SplitMix64

    init(seed: UInt64) {
        generator = SplitMix64(state: seed)
    }

    mutating func value(depth: Int) -> JSONValue {
        switch Int.random(in: 0..<(depth > 0 ? 8 : 6), using: &generator) {
        case 0: return .null
        case 1: return .bool(Bool.random(using: &generator))
        case 2:
            return .integer(
                Int64.random(in: .min ... .max, using: &generator) >> Int64.random(in: 0..<63, using: &generator))
        case 3: return .number(Double.random(in: -1...1, using: &generator) + 0.5)
        case 4, 5: return .string(string())
        case 6: return .array((0..<Int.random(in: 0..<5, using: &generator)).map { _ in value(depth: depth - 1) })
        default:
            var object = JSONObject()
            for position in 0..<Int.random(in: 0..<12, using: &generator) {
                object["\(position)" + string()] = value(depth: depth - 1)
            }
            return .object(object)
        }
    }

    private mutating func string() -> String {
        let alphabet = Array("ab \"\\/\n\t\u{1}é€😀\u{7f}\u{301}".unicodeScalars)
        var text = String.UnicodeScalarView()
        for _ in 0..<Int.random(in: 0..<6, using: &generator) {
            text.append(alphabet[Int.random(in: 0..<alphabet.count, using: &generator)])
        }
        return String(text)
    }
}

private struct SplitMix64: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
