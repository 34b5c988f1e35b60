import Testing

@testable import LaminaHTTP

struct ProxyExceptionsTests {
    private func isSpared(_ host: String, _ port: Int = 80, by exceptions: String) -> Bool {
        ProxyExceptions(exceptions).contains(HTTPOrigin(scheme: .http, host: host, port: port))
    }

    /// The cases of Go's golang.org/x/net/http/httpproxy, whose rules these are, and of curl where both agree.
    @Test(arguments: [
        ("example.com", "example.com"), ("www.example.com", "example.com"), ("WWW.Example.COM", "example.com"),
        ("example.com.", "example.com"), ("foo.example.com", ".example.com"), ("foo.example.com", "*.example.com"),
        ("example.com", " a.test , EXAMPLE.com ,"), ("anything", "*"), ("10.1.2.3", "*"),
        ("192.168.1.1", "192.168.1.1"),
        ("10.1.2.3", "10.0.0.0/8"), ("10.1.2.3", "10.1.2.0/23"), ("10.1.2.3", "0.0.0.0/0"), ("::1", "::1"),
        ("::1", "[::1]"), ("fd00::5", "fd00::/8"), ("0:0:0:0:0:0:0:1", "::1"), ("::ffff:10.0.0.1", "10.0.0.0/8"),
    ])
    func `Spares what an entry names`(host: String, exceptions: String) {
        #expect(isSpared(host, by: exceptions))
    }

    @Test(arguments: [
        ("example.com", ""), ("notexample.com", "example.com"), ("example.com", "www.example.com"),
        ("example.com", ".example.com"), ("example.com", "*.example.com"), ("example.com.org", "example.com"),
        ("example.com", "ample.com"), ("11.1.2.3", "10.0.0.0/8"), ("10.1.4.3", "10.1.2.0/23"),
        ("10.1.2.3", "10.0.0.0/33"), ("10.1.2.3", "10.0.0.0/"), ("10.1.2.3", "2.3"), ("10.1.2.3", "::/0"),
        ("name", "10.0.0.0/8"), ("name", "a b"), ("name", ","), ("name", "."), ("::2", "::1"),
    ])
    func `Does not spare anything else`(host: String, exceptions: String) {
        #expect(!isSpared(host, by: exceptions))
    }

    @Test func `An entry with a port is for that port`() {
        #expect(isSpared("example.com", 8080, by: "example.com:8080"))
        #expect(!isSpared("example.com", 80, by: "example.com:8080"))
        #expect(isSpared("a.example.com", 8080, by: ".example.com:8080"))
        #expect(isSpared("10.0.0.1", 81, by: "10.0.0.1:81"))
        #expect(!isSpared("10.0.0.1", 80, by: "10.0.0.1:81"))
        #expect(isSpared("::1", 81, by: "[::1]:81"))
        #expect(!isSpared("::1", 80, by: "[::1]:81"))
    }
}
