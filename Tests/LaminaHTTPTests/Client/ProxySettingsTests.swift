import Testing

@testable import LaminaHTTP

struct ProxySettingsTests {
    private func proxy(for url: String, _ environment: [String: String]) throws -> String? {
        try ProxySettings { environment[$0] }.proxy(for: HTTPURL(url).origin)?.description
    }

    @Test func `Takes each scheme's own variable, then the one for all`() throws {
        let environment = ["http_proxy": "plain:1", "HTTPS_PROXY": "secure:2", "ALL_PROXY": "other:3"]
        #expect(try proxy(for: "http://a", environment) == "http://plain:1")
        #expect(try proxy(for: "https://a", environment) == "http://secure:2")
        #expect(try proxy(for: "https://a", ["all_proxy": "other:3"]) == "http://other:3")
        #expect(try proxy(for: "http://a", ["ALL_PROXY": "other:3"]) == "http://other:3")
        #expect(try proxy(for: "http://a", [:]) == nil)
        #expect(try proxy(for: "http://a", ["http_proxy": ""]) == nil)
    }

    @Test func `Lower case goes first`() throws {
        #expect(try proxy(for: "https://a", ["https_proxy": "low:1", "HTTPS_PROXY": "up:1"]) == "http://low:1")
        #expect(try proxy(for: "https://a", ["https_proxy": "", "HTTPS_PROXY": "up:1"]) == "http://up:1")
        let spared = ["https_proxy": "p:1", "no_proxy": "b", "NO_PROXY": "a"]
        #expect(try proxy(for: "https://a", spared) == "http://p:1")
        #expect(try proxy(for: "https://b", spared) == nil)
    }

    @Test func `HTTP_PROXY in upper case is not read, which may be a client's header`() throws {
        #expect(try proxy(for: "http://a", ["HTTP_PROXY": "evil:1"]) == nil)
    }

    @Test(arguments: ["localhost", "127.0.0.1", "127.1.2.3", "[::1]", "LOCALHOST:8080"])
    func `Loopback is never asked for through a proxy of the environment`(host: String) throws {
        #expect(try proxy(for: "http://\(host)", ["all_proxy": "p:1"]) == nil)
    }

    @Test func `An explicit proxy counts for loopback too, and exceptions count for it`() throws {
        let server = try ProxyServer("p:1", givenAs: "--proxy")
        let settings = ProxySettings(http: server, https: nil, except: "10.0.0.0/8")
        #expect(try settings.proxy(for: HTTPURL("http://127.0.0.1").origin) == server)
        #expect(try settings.proxy(for: HTTPURL("http://10.0.0.1").origin) == nil)
        #expect(try settings.proxy(for: HTTPURL("https://a").origin) == nil)
        #expect(try ProxySettings.none.proxy(for: HTTPURL("http://a").origin) == nil)
    }

    @Test func `A variable that makes no sense is an error only where it is needed, and is not repeated`() throws {
        let environment = ["https_proxy": "http://user:secret@", "no_proxy": "inside"]
        #expect(try proxy(for: "http://a", environment) == nil)
        #expect(try proxy(for: "https://inside", environment) == nil)
        let error = try #require(throws: HTTPClientError.self) { try proxy(for: "https://a", environment) }
        #expect("\(error)".contains("https_proxy"))
        #expect(!"\(error)".contains("secret"))
    }
}

struct ProxyServerTests {
    @Test(arguments: [
        ("proxy:3128", "http://proxy:3128"), ("http://Proxy", "http://proxy:80"),
        ("https://proxy/", "https://proxy:443"),
        ("http://[::1]:81", "http://[::1]:81"), ("user@proxy:1", "http://proxy:1"),
        ("http://a:b@c:d@proxy:1", "http://proxy:1"),
    ])
    func `Takes what a proxy may be given as`(text: String, expected: String) throws {
        #expect(try ProxyServer(text, givenAs: "it").description == expected)
    }

    @Test(arguments: ["", "http://", "socks5://proxy:1", "proxy:0", "user:p%@proxy", "user:p%4@proxy", "a b:1"])
    func `Refuses what is no proxy`(text: String) {
        #expect(throws: HTTPClientError.self) { try ProxyServer(text, givenAs: "it") }
    }

    @Test func `Says that another kind of proxy is not supported`() throws {
        let error = try #require(throws: HTTPClientError.self) { try ProxyServer("socks5://p", givenAs: "ALL_PROXY") }
        #expect("\(error)".contains("socks5"))
        #expect("\(error)".contains("ALL_PROXY"))
    }

    /// The example of RFC 7617 §2, and one with characters a URL cannot hold.
    @Test(arguments: [
        ("Aladdin:open%20sesame", "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="), ("user", "Basic dXNlcjo="),
        ("u:%40%3A%2F", "Basic dTpAOi8="), ("a:b", "Basic YTpi"),
    ])
    func `Makes Basic credentials of the user and the password`(user: String, expected: String) throws {
        #expect(try ProxyServer("http://\(user)@p:1", givenAs: "it").authorization == expected)
    }

    @Test func `Never shows the password`() throws {
        let proxy = try ProxyServer("http://user:secret@p:1", givenAs: "it")
        var shown = "\(proxy) \(String(reflecting: proxy)) \(ConnectionRoute.forward(proxy))"
        dump(proxy, to: &shown)
        #expect(!shown.contains("secret"))
        #expect(!shown.contains("dXNlcjpzZWNyZXQ"))
    }
}

struct Base64Tests {
    /// RFC 4648 §10.
    @Test(arguments: [
        ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
        ("foobar", "Zm9vYmFy"),
    ])
    func `Encodes as the RFC's examples`(text: String, expected: String) {
        #expect(Base64.encode(Array(text.utf8)) == expected)
    }
}
