@testable import LaminaHTTP

extension RequestCase {
    private static func post(_ fields: String, _ body: String = "", version: String = "1.1") -> String {
        "POST / HTTP/\(version)\r\nHost: a\r\n\(fields)\r\n\r\n\(body)"
    }

    private static let bodyLimit = HTTPLimits().bodyBytes

    static let framing: [RequestCase] = [
        takes("neither length nor coding", "POST / HTTP/1.1\r\nHost: a\r\n\r\n", as: "POST / a"),
        takes("a length", post("Content-Length: 5", "hello"), as: "POST / a hello"),
        takes("a length of zero", post("Content-Length: 0"), as: "POST / a"),
        takes("leading zeros", post("Content-Length: 0005", "hello"), as: "POST / a hello"),
        takes("spaces around the length", post("Content-Length:   5  ", "hello"), as: "POST / a hello"),
        takes("a body of GET", "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi", as: "GET / a hi"),
        takes("a length in HTTP/1.0", post("Content-Length: 2", "hi", version: "1.0"), as: "POST / a hi close"),
        takes(
            "a body like a request", post("Content-Length: 18", "GET / HTTP/1.1\r\n\r\n"),
            as: "POST / a GET / HTTP/1.1⏎⏎"),
        takes("chunked", post("Transfer-Encoding: chunked", "2\r\nhi\r\n0\r\n\r\n"), as: "POST / a hi"),
        takes("chunked in capitals", post("Transfer-Encoding: CHUNKED", "0\r\n\r\n"), as: "POST / a"),
        refuses("chunked with empty elements", post("Transfer-Encoding: , chunked,"), .malformedTransferEncoding),

        refuses("a plus sign", post("Content-Length: +5"), .malformedContentLength),
        refuses("a minus sign", post("Content-Length: -5"), .malformedContentLength),
        refuses("a hexadecimal length", post("Content-Length: 0x5"), .malformedContentLength),
        refuses("a fraction", post("Content-Length: 5.0"), .malformedContentLength),
        refuses("an exponent", post("Content-Length: 5e1"), .malformedContentLength),
        refuses("an underscore", post("Content-Length: 1_0"), .malformedContentLength),
        refuses("a digit beyond ASCII", post("Content-Length: \u{b2}"), .malformedContentLength),
        refuses("two numbers", post("Content-Length: 5 5"), .malformedContentLength),
        refuses("an empty length", post("Content-Length:"), .malformedContentLength),
        // RFC 9112 §6.3 leaves a list of equal numbers to the server; two parsers could disagree, so none is taken.
        refuses("a list of equal lengths", post("Content-Length: 5, 5"), .repeatedContentLength),
        refuses("a list of lengths", post("Content-Length: 5, 6"), .repeatedContentLength),
        refuses("a length and a comma", post("Content-Length: 5,"), .repeatedContentLength),
        refuses("two equal lengths", post("Content-Length: 5\r\nContent-Length: 5"), .repeatedContentLength),
        refuses("two lengths", post("Content-Length: 5\r\ncontent-length: 6"), .repeatedContentLength),
        refuses("a length over the limit", post("Content-Length: 8388609"), .bodyTooLarge(limitBytes: bodyLimit), 413),
        refuses(
            "a length beyond 63 bits", post("Content-Length: 9223372036854775808"),
            .bodyTooLarge(limitBytes: bodyLimit), 413),
        refuses(
            "a length that wraps round to five", post("Content-Length: 18446744073709551621"),
            .bodyTooLarge(limitBytes: bodyLimit), 413),
        refuses(
            "length and coding", post("Content-Length: 5\r\nTransfer-Encoding: chunked"), .lengthAndTransferEncoding),
        refuses(
            "coding and length", post("Transfer-Encoding: chunked\r\nContent-Length: 0"), .lengthAndTransferEncoding),
        refuses("another coding", post("Transfer-Encoding: gzip"), .unsupportedTransferCoding("gzip"), 501),
        refuses("identity", post("Transfer-Encoding: identity"), .unsupportedTransferCoding("identity"), 501),
        refuses(
            "another coding first", post("Transfer-Encoding: gzip, chunked"), .unsupportedTransferCoding("gzip"), 501),
        refuses(
            "a coding like chunked", post("Transfer-Encoding: xchunked"), .unsupportedTransferCoding("xchunked"), 501),
        refuses(
            "a parameter of chunked", post("Transfer-Encoding: chunked;a=b"), .unsupportedTransferCoding("chunked;a=b"),
            501),
        refuses(
            "a quoted chunked", post("Transfer-Encoding: \"chunked\""), .unsupportedTransferCoding("\"chunked\""), 501),
        refuses("chunked not last", post("Transfer-Encoding: chunked, gzip"), .malformedTransferEncoding),
        refuses("chunked twice", post("Transfer-Encoding: chunked, chunked"), .malformedTransferEncoding),
        refuses(
            "chunked in two fields", post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked"),
            .malformedTransferEncoding),
        refuses(
            "identity behind chunked", post("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity"),
            .malformedTransferEncoding),
        refuses("an empty coding", post("Transfer-Encoding:"), .malformedTransferEncoding),
        refuses(
            "a vertical tab before chunked", post("Transfer-Encoding: \u{b}chunked"),
            .malformedFieldValue(name: "Transfer-Encoding")),
        refuses("coding in HTTP/1.0", post("Transfer-Encoding: chunked", version: "1.0"), .transferEncodingInHTTP10),
        refuses(
            "a coding hidden by whitespace", post("Transfer-Encoding : chunked\r\nContent-Length: 5"),
            .whitespaceBeforeColon),
    ]

    private static func chunked(_ body: String) -> String { post("Transfer-Encoding: chunked", body) }

    static let chunks: [RequestCase] = [
        takes(
            "chunks in sizes of either case", chunked("a\r\n0123456789\r\nA\r\n0123456789\r\n0\r\n\r\n"),
            as: "POST / a 01234567890123456789"),
        takes("leading zeros of a size", chunked("0002\r\nhi\r\n000\r\n\r\n"), as: "POST / a hi"),
        takes("data like the end", chunked("7\r\n\r\n0\r\n\r\n\r\n0\r\n\r\n"), as: "POST / a ⏎0⏎⏎"),
        takes("an extension", chunked("2;a\r\nhi\r\n0\r\n\r\n"), as: "POST / a hi"),
        takes("extensions with values", chunked("2;a=b;c=\"d;e\"\r\nhi\r\n0;f\r\n\r\n"), as: "POST / a hi"),
        takes("whitespace before an extension", chunked("2 ; a\r\nhi\r\n0\r\n\r\n"), as: "POST / a hi"),
        takes("a trailer", chunked("0\r\nA: b\r\n\r\n"), as: "POST / a"),

        refuses("no size", chunked("\r\nhi\r\n"), .malformedChunkSize),
        refuses("an extension only", chunked(";a\r\n"), .malformedChunkSize),
        refuses("a size that is none", chunked("g\r\n"), .malformedChunkSize),
        refuses("a minus sign", chunked("-1\r\n"), .malformedChunkSize),
        refuses("a plus sign", chunked("+1\r\n"), .malformedChunkSize),
        refuses("a prefix", chunked("0x1\r\n"), .malformedChunkSize),
        refuses("an underscore", chunked("1_0\r\n"), .malformedChunkSize),
        refuses("a space before the size", chunked(" 1\r\n"), .malformedChunkSize),
        refuses("a space behind the size", chunked("1 \r\n"), .malformedChunkSize),
        refuses("two sizes", chunked("1 2\r\n"), .malformedChunkSize),
        refuses("a control character in an extension", chunked("1;a\u{0}\r\n"), .malformedChunkSize),
        refuses("a CR in an extension", chunked("1;a\rb\r\n"), .malformedChunkSize),
        refuses("LF alone behind the size", chunked("1\nx\r\n"), .bareLineFeed),
        refuses("LF alone behind an extension", chunked("1;a\nx\r\n"), .bareLineFeed),
        refuses("more data than the size", chunked("1\r\nxy\r\n"), .malformedChunkEnd),
        refuses("LF alone behind the data", chunked("1\r\nx\n"), .malformedChunkEnd),
        refuses("CR alone behind the data", chunked("1\r\nx\rz"), .malformedChunkEnd),
        refuses("a size over the limit", chunked("800001\r\n"), .bodyTooLarge(limitBytes: bodyLimit), 413),
        refuses("a size that wraps round", chunked("10000000000000001\r\n"), .bodyTooLarge(limitBytes: bodyLimit), 413),
        refuses("an endless size", chunked(String(repeating: "0", count: 4096)), .malformedChunkSize),
        refuses(
            "a length in a trailer", chunked("0\r\nContent-Length: 5\r\n\r\n"),
            .forbiddenTrailer(name: "Content-Length")),
        refuses(
            "a coding in a trailer", chunked("0\r\nTransfer-Encoding: chunked\r\n\r\n"),
            .forbiddenTrailer(name: "Transfer-Encoding")),
        refuses("a host in a trailer", chunked("0\r\nhost: a\r\n\r\n"), .forbiddenTrailer(name: "host")),
        refuses("a folded trailer", chunked("0\r\nA: a\r\n b\r\n\r\n"), .lineFolding),
        refuses("LF alone behind a trailer", chunked("0\r\nA: a\n\r\n"), .bareLineFeed),
        refuses("LF alone at the end", chunked("0\r\n\n"), .bareLineFeed),
    ]

    private static func get(_ fields: String, version: String = "1.1") -> String {
        "GET / HTTP/\(version)\r\nHost: a\r\n\(fields)\r\n\r\n"
    }

    static let connections: [RequestCase] = [
        takes("close", get("Connection: close"), as: "GET / a close"),
        takes("close in capitals among others", get("Connection: Upgrade , CLOSE"), as: "GET / a close"),
        takes("close in a second field", get("Connection: keep-alive\r\nConnection: close"), as: "GET / a close"),
        takes("a word that begins like close", get("Connection: closed"), as: "GET / a"),
        takes("keep-alive in HTTP/1.0", get("Connection: Keep-Alive", version: "1.0"), as: "GET / a"),
        takes("both in HTTP/1.0", get("Connection: keep-alive, close", version: "1.0"), as: "GET / a close"),
        takes("an upgrade that is not taken", get("Connection: Upgrade\r\nUpgrade: h2c"), as: "GET / a"),
        takes("two requests in one piece", get("A: b") + post("Content-Length: 2", "hi"), as: "GET / a", "POST / a hi"),
        takes("an empty line between requests", get("A: b") + "\r\n" + get("A: b"), as: "GET / a", "GET / a"),
        takes(
            "an expectation", post("Expect: 100-continue\r\nContent-Length: 2", "hi"), as: "POST / a hi continue"),
        takes("an expectation in capitals", get("Expect: 100-Continue"), as: "GET / a continue"),
        takes(
            "an expectation in HTTP/1.0, ignored",
            post("Expect: 100-continue\r\nContent-Length: 2", "hi", version: "1.0"), as: "POST / a hi close"),

        refuses("another expectation", get("Expect: miracle"), .unsupportedExpectation, 417),
        refuses("an expectation with a parameter", get("Expect: 100-continue;a=b"), .unsupportedExpectation, 417),
        refuses("two expectations", get("Expect: 100-continue, miracle"), .unsupportedExpectation, 417),
        refuses("an empty expectation", get("Expect:"), .unsupportedExpectation, 417),
    ]
}
