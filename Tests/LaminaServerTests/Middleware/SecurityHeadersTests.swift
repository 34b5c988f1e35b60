import HTTPTypes
import LaminaHTTP
import Testing

@testable import LaminaServer

struct SecurityHeadersTests {
    @Test func `Every answer has them, errors included`() async throws {
        let fixture = try PipelineFixture(keys: "secret-1")
        for (path, status) in [("/livez", 200), ("/metrics", 200), ("/v1/models", 401)] {
            let answer = try await fixture.ask(.get, path)
            #expect(answer.status == status)
            #expect(answer.headers[.xContentTypeOptions] == "nosniff")
            #expect(answer.headers[.contentSecurityPolicy] == "default-src 'none'; frame-ancestors 'none'")
            #expect(answer.headers[.cacheControl] == "no-store")
            #expect(answer.headers[.strictTransportSecurity] == nil && answer.headers[.server] == nil)
        }
        let refused = fixture.pipeline.errorBody(.badRequest, "no")
        #expect(refused.headers[.xContentTypeOptions] == "nosniff" && refused.headers[.cacheControl] == "no-store")
    }

    @Test func `A handler's own Cache-Control stays, and TLS is remembered where there is TLS`() {
        var headers: HTTPFields = [.cacheControl: "max-age=60"]
        SecurityHeaders().add(to: &headers, isSecure: true)
        #expect(headers[.cacheControl] == "max-age=60")
        #expect(headers[.strictTransportSecurity] == "max-age=31536000")
    }
}
