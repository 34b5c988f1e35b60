import HTTPTypes
import Testing

@testable import LaminaHTTP

struct RequestParserFuzzTests {
    /// A small reproducible generator (SplitMix64).
    private struct Generator: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var mixed = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
            return mixed ^ (mixed >> 31)
        }
    }

    private static let requests = [
        "GET /a%20b?c HTTP/1.1\r\nHost: a\r\nAccept: b\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n0\r\nETag: t\r\n\r\n",
    ]
    private static let inserts = Array("\r\n\r\n\t :;,%/.0159afGEThunked\u{0}\u{7f}é".utf8)

    @Test func `Reads damaged requests the same however they are cut, within its limits`() {
        var random = Generator(state: 2026)
        for round in 0..<1500 {
            var bytes: [UInt8] = []
            for _ in 0..<2 { bytes += Array((Self.requests.randomElement(using: &random) ?? "").utf8) }
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0: bytes.remove(at: place)
                case 1: bytes[place] = Self.inserts.randomElement(using: &random) ?? 0
                default: bytes.insert(Self.inserts.randomElement(using: &random) ?? 0, at: place)
                }
            }
            let whole = ParsedInput([bytes[...]])
            let single = ParsedInput(bytes.indices.map { bytes[$0...$0] })
            let cut = Int.random(in: 0...bytes.count, using: &random)
            let halves = ParsedInput([bytes[..<cut], bytes[cut...]])
            #expect(single == whole && halves == whole, "round \(round): \(String(decoding: bytes, as: UTF8.self))")
            #expect(whole.requests.reduce(0) { $0 + $1.body.count } <= bytes.count)
        }
    }
}
