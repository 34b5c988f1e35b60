import Testing

@testable import LaminaHTTP

struct GzipTests {
    /// What `printf 'Hello, gzip!' | gzip -n` writes: another program's data.
    private static let hello: [UInt8] = [
        0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x03, 0xf3, 0x48, 0xcd, 0xc9, 0xc9, 0xd7, 0x51, 0x48,
        0xaf,
        0xca, 0x2c, 0x50, 0x04, 0x00, 0x3e, 0x3d, 0x0f, 0x10, 0x0c, 0x00, 0x00, 0x00,
    ]

    private static func expanded(_ data: [UInt8], limit: Int = 1 << 20, pieces: Int? = nil) throws -> [UInt8] {
        let decoder = try GzipDecoder(limitBytes: limit)
        var result: [UInt8] = []
        var rest = data[...]
        while !rest.isEmpty {
            let count = pieces ?? rest.count
            result += try decoder.decode(rest.prefix(count))
            rest = rest.dropFirst(count)
        }
        try decoder.finish()
        return result
    }

    private static func compressed(_ text: [UInt8], level: Int = 6) throws -> [UInt8] {
        let encoder = try GzipEncoder(level: level, for: .wholeBody)
        return try encoder.encode(text[...], flush: false) + encoder.finish()
    }

    /// Text that compresses, but not to nothing.
    private static func text(_ count: Int) -> [UInt8] {
        var state: UInt32 = 7
        return (0..<count).map { _ in
            state = state &* 1_664_525 &+ 1_013_904_223
            return UInt8(ascii: "a") + UInt8(state >> 28)
        }
    }

    @Test func `Reads what gzip wrote, whole, byte by byte and in any two pieces`() throws {
        let text = Array("Hello, gzip!".utf8)
        #expect(try Self.expanded(Self.hello) == text)
        for pieces in 1...Self.hello.count { #expect(try Self.expanded(Self.hello, pieces: pieces) == text) }
    }

    @Test(arguments: [0, 1, 1000, 32 * 1024, 100_000, 300_001])
    func `Reads what it wrote`(_ count: Int) throws {
        let text = Self.text(count)
        for level in [1, 6, 9] {
            let data = try Self.compressed(text, level: level)
            #expect(try Self.expanded(data) == text)
            if count >= 1000 { #expect(data.count < count * 3 / 4) }
        }
        #expect(try Self.expanded(Self.compressed(text), pieces: 777) == text)
    }

    @Test func `Takes several members for one text`() throws {
        let data = try Self.hello + Self.hello + Self.compressed([]) + Self.hello
        let text = Array("Hello, gzip!Hello, gzip!Hello, gzip!".utf8)
        for pieces in [1, 7, Self.hello.count, data.count] { #expect(try Self.expanded(data, pieces: pieces) == text) }
    }

    @Test func `A flushed piece can be read before the next is written`() throws {
        let encoder = try GzipEncoder(level: 1, for: .stream)
        let decoder = try GzipDecoder(limitBytes: 1 << 20)
        for number in 0..<200 {
            let event = Array("data: {\"number\":\(number)}\n\n".utf8)
            #expect(try decoder.decode(encoder.encode(event[...], flush: true)[...]) == event)
        }
        #expect(try decoder.decode(encoder.finish()[...]).isEmpty)
        try decoder.finish()
    }

    @Test func `Refuses every truncation`() throws {
        for count in 0..<Self.hello.count {
            #expect(throws: GzipError.truncated, "\(count)") { try Self.expanded(Array(Self.hello.prefix(count))) }
        }
        #expect(throws: GzipError.truncated) { try Self.expanded(Self.hello + Self.hello.prefix(5)) }
    }

    @Test func `Refuses other data, wrong checksums and what follows a member`() throws {
        var wrongChecksum = Self.hello
        wrongChecksum[24] ^= 1
        var wrongLength = Self.hello
        wrongLength[28] ^= 1
        let plain = Array("{\"prompt\":\"a\"}".utf8)
        let zlibFormat: [UInt8] = [0x78, 0x9c, 0x4b, 0x04, 0x00, 0x00, 0x62, 0x00, 0x62]
        for data in [wrongChecksum, wrongLength, plain, zlibFormat, Self.hello + [0, 0], Self.hello + plain] {
            #expect {
                try Self.expanded(data)
            } throws: { error in
                if case .corrupt = error as? GzipError { true } else { false }
            }
        }
    }

    @Test func `Survives every change of one byte`() throws {
        for index in Self.hello.indices {
            for bit in 0..<8 {
                var data = Self.hello
                data[index] ^= 1 << bit
                // Some changes are harmless, such as that of the time; none may crash or go on for ever.
                _ = try? Self.expanded(data, limit: 4096)
            }
        }
    }

    @Test func `Stops a bomb at the limit`() throws {
        let bomb = try Self.compressed([UInt8](repeating: 0, count: 4 << 20), level: 9)
        #expect(bomb.count < 8192)
        #expect(throws: GzipError.tooLarge(limitBytes: 100_000)) { try Self.expanded(bomb, limit: 100_000) }
        #expect(throws: GzipError.tooLarge(limitBytes: 4 << 20)) {
            try Self.expanded(bomb + Self.hello, limit: 4 << 20)
        }
        #expect(try Self.expanded(bomb, limit: 4 << 20).count == 4 << 20)
        #expect(try Self.expanded(Self.hello, limit: 12).count == 12)
        #expect(throws: GzipError.tooLarge(limitBytes: 11)) { try Self.expanded(Self.hello, limit: 11) }
    }

    @Test func `Says that zlib takes no such level`() {
        #expect(throws: GzipError.unavailable(status: -2)) { _ = try GzipEncoder(level: 10, for: .wholeBody) }
    }
}
