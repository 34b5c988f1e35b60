import Glibc

/// Which proxy leads to which server.
package struct ProxySettings: Sendable {
    private typealias Choice = Result<ProxyServer, HTTPClientError>

    private let http: Choice?
    private let https: Choice?
    private let exceptions: ProxyExceptions
    private let sparesLoopback: Bool

    /// No proxies, whatever the environment says.
    package static let none = ProxySettings(http: nil, https: nil)

    /// Proxies given explicitly, for http and for https URLs. The environment counts for nothing then.
    ///
    /// - Parameter except: hosts reached without a proxy, in the form of NO_PROXY.
    package init(http: ProxyServer?, https: ProxyServer?, except: String = "") {
        self.http = http.map { .success($0) }
        self.https = https.map { .success($0) }
        exceptions = ProxyExceptions(except)
        sparesLoopback = false
    }

    /// What the environment says: `https_proxy` or `HTTPS_PROXY` for https URLs, `http_proxy` for http URLs, `all_proxy` or
    /// `ALL_PROXY` for those without one of their own, and `no_proxy` or `NO_PROXY`. Lower case goes first. `HTTP_PROXY` is
    /// not read, as in curl: to a CGI program it is what a client's `Proxy` header says (CVE-2016-5385).
    ///
    /// `localhost` and loopback addresses are never asked for through a proxy of the environment, as in Go.
    package init(environment: (String) -> String?) {
        func first(_ names: String...) -> (name: String, value: String)? {
            for name in names {
                if let value = environment(name), !value.isEmpty { return (name, value) }
            }
            return nil
        }
        func choice(_ setting: (name: String, value: String)?) -> Choice? {
            setting.map { setting in
                Result { () throws(HTTPClientError) in
                    try ProxyServer(setting.value, givenAs: "the environment variable \(setting.name)")
                }
            }
        }
        let other = first("all_proxy", "ALL_PROXY")
        http = choice(first("http_proxy") ?? other)
        https = choice(first("https_proxy", "HTTPS_PROXY") ?? other)
        exceptions = ProxyExceptions(first("no_proxy", "NO_PROXY")?.value ?? "")
        sparesLoopback = true
    }

    /// What this process's environment says.
    package static var environment: ProxySettings {
        ProxySettings { name in getenv(name).map { String(cString: $0) } }
    }

    /// The proxy for a server; nil where it is reached without.
    ///
    /// - Throws: `HTTPClientError.malformedProxy` where the one that is needed makes no sense.
    package func proxy(for origin: HTTPOrigin) throws(HTTPClientError) -> ProxyServer? {
        if sparesLoopback, origin.host == "localhost" || IPPrefix(origin.host)?.isLoopback == true { return nil }
        if exceptions.contains(origin) { return nil }
        return try (origin.scheme == .https ? https : http)?.get()
    }
}
