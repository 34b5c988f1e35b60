import LaminaEngine
import Testing

@testable import LaminaServer

struct EncodingQueueTests {
    private static let long = 1 << 20

    @Test func `Does no work for a request whose time is up before its turn`() async throws {
        await #expect(throws: EngineRefusal.deadlinePassed) {
            try await EncodingQueue().run(bytes: Self.long, until: .now) { Issue.record("the work is done") }
        }
    }

    @Test func `Does the work of all others`() async throws {
        #expect(try await EncodingQueue().run(bytes: Self.long, until: nil) { 1 } == 1)
        #expect(try await EncodingQueue().run(bytes: Self.long, until: .now + .seconds(600)) { 2 } == 2)
    }
}
