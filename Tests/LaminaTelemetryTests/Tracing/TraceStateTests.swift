import Testing

@testable import LaminaTelemetry

struct TraceStateTests {
    private static let traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

    @Test(arguments: [
        ("", ""), ("rojo=00f067aa0ba902b7", "rojo=00f067aa0ba902b7"),
        ("rojo=1 ,\tcongo=t61rcWkgMzE", "rojo=1,congo=t61rcWkgMzE"), (" , a=b,,", "a=b"),
        ("1tenant@vendor=x y", "1tenant@vendor=x y"), ("a_-*/0=!~", "a_-*/0=!~"), ("a= b", "a= b"),
        (String(repeating: "k", count: 256) + "=" + String(repeating: "v", count: 256), nil),
    ])
    func `Passes valid entries on`(header: String, sent: String?) throws {
        let state = try #require(TraceState(header: header))
        #expect(state.header == sent ?? header)
    }

    @Test(arguments: [
        "a", "=b", "a=", "A=b", "1a=b", "a b=c", "a =b", "a=b=c", "a=é", "a=b\u{7F}", "a@=b", "@a=b", "a@B=c", "a@1v=c",
        "a@b@c=d", "a=1,a=2", String(repeating: "k", count: 257) + "=v", "a=" + String(repeating: "v", count: 257),
        "t@" + String(repeating: "v", count: 15) + "=1", (0..<33).map { "k\($0)=v" }.joined(separator: ","),
        (0..<20).map { "k\($0)=" + String(repeating: "v", count: 256) }.joined(separator: ","),
    ])
    func `Drops invalid headers whole and keeps the traceparent`(header: String) throws {
        #expect(TraceState(header: header) == nil)
        let context = try #require(TraceContext(traceparent: Self.traceparent, tracestate: header))
        #expect(context.tracestate == nil)
    }

    @Test func `Accepts 32 entries`() {
        let header = (0..<32).map { "k\($0)=v" }.joined(separator: ",")
        #expect(TraceState(header: header)?.members.count == 32)
    }
}
