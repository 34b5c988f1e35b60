import Testing

@testable import LaminaTelemetry

struct TraceSamplerTests {
    private func id(low: UInt64) throws -> TraceID { try #require(TraceID(high: 1, low: low)) }

    @Test(arguments: [
        ("always_on", true, true, true), ("always_off", false, false, false),
        ("parentbased_always_on", true, false, true), ("parentbased_always_off", true, false, false),
    ])
    func `Decides by name`(name: String, sampledParent: Bool, otherParent: Bool, root: Bool) throws {
        let sampler = try #require(TraceSampler(name: name, ratio: 1))
        let id = try id(low: .max)
        #expect(sampler.isSampled(id, parent: true) == sampledParent)
        #expect(sampler.isSampled(id, parent: false) == otherParent)
        #expect(sampler.isSampled(id, parent: nil) == root)
    }

    @Test func `Knows the names it lists, and no others`() {
        for name in TraceSampler.names { #expect(TraceSampler(name: name, ratio: 0.5) != nil, "\(name)") }
        for name in ["", "on", "jaeger_remote", "parentbased_", "parentbased_parentbased_always_on", "ALWAYS_ON"] {
            #expect(TraceSampler(name: name, ratio: 0.5) == nil, "\(name)")
        }
    }

    @Test func `A ratio goes by the trace's id, whatever the parent says`() throws {
        let half = TraceSampler.traceIDRatio(0.5)
        for parent in [nil, true, false] {
            #expect(half.isSampled(try id(low: 0x7FFF_FFFF_FFFF_FFFF), parent: parent))
            #expect(!half.isSampled(try id(low: 0x8000_0000_0000_0000), parent: parent))
        }
    }

    @Test func `A ratio of 0 is none and of 1 is all`() throws {
        for low in [1, UInt64.max / 3, .max] {
            #expect(!TraceSampler.traceIDRatio(0).isSampled(try id(low: low), parent: nil))
            #expect(TraceSampler.traceIDRatio(1).isSampled(try id(low: low), parent: nil))
        }
    }

    @Test func `A ratio is the share of random traces`() {
        var random = SequenceSource(values: (0..<1000).map { $0 &* 0x9E37_79B9_7F4A_7C15 })
        let sampler = TraceSampler.parentBased(root: .traceIDRatio(0.25))
        let count = (0..<1000).count { _ in sampler.isSampled(TraceID(using: &random), parent: nil) }
        #expect((230...270).contains(count), "\(count)")
        #expect(sampler.isSampled(TraceID(using: &random), parent: true))
    }
}
