import LaminaHTTP

/// Server-sent events: a stream cut in any way gives the same events, and any bytes sent as an event's data arrive.
enum EventStreamTarget {
    private struct Outcome: Equatable {
        var events: [ServerSentEvent] = []
        var isTooLarge = false

        init(_ pieces: [ArraySlice<UInt8>], limitBytes: Int) {
            var parser = EventStreamParser(eventBytes: limitBytes)
            do {
                for piece in pieces { events += try parser.feed(piece) }
            } catch {
                isTooLarge = true
            }
        }
    }

    static func check(_ bytes: [UInt8]) {
        for limit in [EventStreamParser.defaultEventBytes, 20] {
            let outcomes = InputPieces.everyWay(bytes).map { Outcome($0, limitBytes: limit) }
            for outcome in outcomes { expect(outcome.isTooLarge == outcomes[0].isTooLarge, "\(outcomes)") }
            // What came before an event too large was already handed over, or not, by how the stream was cut.
            guard !outcomes[0].isTooLarge else { continue }
            for outcome in outcomes { expect(outcome == outcomes[0], "\(outcomes)") }
            for event in outcomes[0].events { expect(event.data.count <= limit, "an event over its limit") }
        }
        checkWriter(bytes)
    }

    private static func checkWriter(_ data: [UInt8]) {
        let name = String(decoding: data.prefix(8), as: UTF8.self)
        let text = ServerSentEvents.event(data: data, name: name, id: name) + ServerSentEvents.comment(name)
        var parser = EventStreamParser()
        let events = try? parser.feed(text[...])
        expect(events?.count == 1, "one event was written, read: \(String(describing: events))")
        expect(events?.first?.data == unifyingLineEnds(data), "written \(data), read \(String(describing: events))")
    }

    private static func unifyingLineEnds(_ data: [UInt8]) -> [UInt8] {
        var unified: [UInt8] = []
        for (index, byte) in data.enumerated() {
            if byte == 0x0A, index > 0, data[index - 1] == 0x0D { continue }
            unified.append(byte == 0x0D ? 0x0A : byte)
        }
        return unified
    }
}
