import Testing

@testable import LaminaHTTP

struct EventStreamParserTests {
    /// The data of the events, parsed whole, byte by byte, and cut in two everywhere; all must agree.
    private func events(
        _ text: String, sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> [ServerSentEvent] {
        let bytes = Array(text.utf8)
        func parse(_ pieces: [ArraySlice<UInt8>]) throws -> [ServerSentEvent] {
            var parser = EventStreamParser()
            return try pieces.flatMap { try parser.feed($0) }
        }
        let whole = try parse([bytes[...]])
        #expect(try parse(bytes.indices.map { bytes[$0...$0] }) == whole, sourceLocation: sourceLocation)
        for cut in 0...bytes.count {
            #expect(
                try parse([bytes[..<cut], bytes[cut...]]) == whole, "cut after \(cut) bytes",
                sourceLocation: sourceLocation)
        }
        return whole
    }

    private func data(_ text: String) throws -> [String] {
        try events(text).map { String(decoding: $0.data, as: UTF8.self) }
    }

    @Test(arguments: ["\n", "\r", "\r\n"])
    func `Reads events whatever ends the lines`(end: String) throws {
        let text = ["data: a", "", ": note", "data:b", "data: c", "", "", "data: d", "", "data: cut off"]
        #expect(try data(text.joined(separator: end)) == ["a", "b\nc", "d"])
    }

    @Test func `Reads type and id`() throws {
        let found = try events(
            "event: add\nid: 7\ndata: x\nretry: 10\nunknown: y\n\ndata\n\nid\nevent: gone\n\ndata: z\n\n")
        #expect(found.map(\.type) == ["add", "message", "message"])
        #expect(found.map(\.lastEventID) == ["7", "7", ""])
        #expect(found.map { String(decoding: $0.data, as: UTF8.self) } == ["x", "", "z"])
    }

    @Test func `Skips a byte order mark, and takes one space only`() throws {
        #expect(try data("\u{FEFF}data:  two\n\n") == [" two"])
        #expect(try data("data: a\n\n\u{FEFF}data: b\n\n") == ["a"])
    }

    @Test func `Ignores an id with a NUL`() throws {
        #expect(try events("id: a\nid: b\u{0}\ndata: x\n\n").map(\.lastEventID) == ["a"])
    }

    @Test func `Reads what the server's own encoder writes`() throws {
        let bytes =
            ServerSentEvents.event(data: "one\r\ntwo\n\nthree", name: "n", id: "i") + ServerSentEvents.comment("c")
        let found = try events(String(decoding: bytes, as: UTF8.self))
        #expect(found == [ServerSentEvent(type: "n", data: Array("one\ntwo\n\nthree".utf8), lastEventID: "i")])
    }

    @Test func `Refuses an event that grows without end`() throws {
        let fault = EventStreamParser.Fault.eventTooLarge(limitBytes: 16)
        var parser = EventStreamParser(eventBytes: 16)
        #expect(try parser.feed(Array("data: 0123456\n\n".utf8)[...]).count == 1)
        #expect(throws: fault) { try parser.feed(Array(repeating: 0x61, count: 17)[...]) }
        parser = EventStreamParser(eventBytes: 16)
        #expect(throws: fault) {
            for _ in 0..<16 { _ = try parser.feed(Array("data: abc\n".utf8)[...]) }
        }
    }
}
