import HTTPTypes
import Testing

@testable import LaminaHTTP

struct ServerSentEventsTests {
    @Test(arguments: [
        ("hello", "data: hello\n\n"), ("", "data: \n\n"), ("a\nb", "data: a\ndata: b\n\n"),
        ("a\r\nb\rc", "data: a\ndata: b\ndata: c\n\n"), ("a\n", "data: a\ndata: \n\n"),
        ("a\n\nb", "data: a\ndata: \ndata: b\n\n"),
    ])
    func `Writes every line of the data as a field`(data: String, text: String) {
        #expect(String(decoding: ServerSentEvents.event(data: data), as: UTF8.self) == text)
    }

    @Test func `Writes name and id without line ends`() {
        let event = ServerSentEvents.event(data: "d", name: "message\ndata: x", id: "1\r2")
        #expect(String(decoding: event, as: UTF8.self) == "event: messagedata: x\nid: 12\ndata: d\n\n")
    }

    @Test func `Writes a comment to keep the stream alive`() {
        #expect(ServerSentEvents.comment("keep\nalive") == Array(": keepalive\n\n".utf8))
    }

    @Test func `Has the headers of an unbuffered stream`() {
        let headers = ServerSentEvents.headers
        #expect(headers[.contentType] == "text/event-stream")
        #expect(headers[.cacheControl] == "no-store")
        #expect(HTTPField.Name("x-accel-buffering").flatMap { headers[$0] } == "no")
    }
}
