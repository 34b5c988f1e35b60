import HTTPTypes
import Testing

@testable import LaminaHTTP

struct TransferEncodingTests {
    @Test(arguments: ["chunked", "Chunked", " chunked \t"]) func `Reads chunks where the only coding is chunked`(
        value: String
    ) throws {
        let request = try ParsedInput.request(
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: \(value)\r\n\r\n1\r\nx\r\n0\r\n\r\n")
        #expect(request.body == Array("x".utf8))
    }

    @Test(arguments: ["chunked,", ",chunked", "chunked, ,", "\r\nTransfer-Encoding: chunked", "", ","])
    func `Refuses empty elements in the list of codings`(value: String) {
        let error = ParsedInput.refusal(
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: \(value)\r\n\r\n0\r\n\r\n")
        #expect(error == .malformedTransferEncoding)
    }
}
