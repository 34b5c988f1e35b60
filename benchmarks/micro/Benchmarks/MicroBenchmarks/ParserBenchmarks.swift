import Benchmark
import LaminaHTTP
import LaminaJSON

/// The body of a chat of eight messages, about 3 KB.
private let body: String = {
    let sentence = String(repeating: "Tell me more about the harbour, the boat and the 217 miles. ", count: 6)
    let messages = (0..<8).map { #"{"role":"\#($0 % 2 == 0 ? "user" : "assistant")","content":"\#(sentence)"}"# }
    return #"{"model":"lamina-tiny","stream":true,"temperature":0.7,"max_tokens":256,"messages":["#
        + messages.joined(separator: ",") + "]}"
}()

/// A request as a client library sends it.
private let request: [UInt8] = Array(
    ("POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1:8080\r\nAccept: application/json\r\n"
        + "Accept-Encoding: gzip, deflate\r\nConnection: keep-alive\r\nUser-Agent: OpenAI/Python 1.0\r\n"
        + "Authorization: Bearer not-needed\r\nContent-Type: application/json\r\n"
        + "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\n"
        + "Content-Length: \(body.utf8.count)\r\n\r\n" + body).utf8)

/// The HTTP request parser and the JSON parser over the same chat request.
func registerParsers() {
    Benchmark("HTTP request of \(request.count) bytes") { _ in
        var parser = RequestParser(limits: HTTPLimits())
        parser.feed(request)
        while let event = try parser.next() { blackHole(event) }
    }
    let bytes = Array(body.utf8)
    Benchmark("JSON body of \(bytes.count) bytes") { _ in
        blackHole(try JSONValue(parsing: bytes))
    }
}
