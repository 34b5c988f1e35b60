import FoundationEssentials
import Glibc
import Logging
import Testing

@testable import LaminaTelemetry

struct StructuredLogHandlerTests {
    @Test func `Writes one JSON object per event`() throws {
        let lines = try Self.lines(.json) { logger in
            logger.info(
                "Request finished",
                metadata: [
                    "status": .stringConvertible(200), "trace_id": "abc", "zeta": "z", "request_id": "r-1",
                    "duration": .stringConvertible(0.25), "cached": .stringConvertible(true),
                    "usage": ["prompt": .stringConvertible(3), "completion": .stringConvertible(UInt64.max)],
                    "stop": ["a", "b"],
                ])
        }
        #expect(
            lines == [
                "{\"timestamp\":\"2025-11-23T18:00:00.042Z\",\"level\":\"info\",\"logger\":\"lamina.test\","
                    + "\"message\":\"Request finished\",\"trace_id\":\"abc\",\"request_id\":\"r-1\",\"cached\":true,"
                    + "\"duration\":0.25,\"status\":200,\"stop\":[\"a\",\"b\"],\"usage.completion\":18446744073709551615,"
                    + "\"usage.prompt\":3,\"zeta\":\"z\"}"
            ])
    }

    @Test func `Writes lines that are JSON whatever they hold`() throws {
        let nasty = "quote \" backslash \\ newline \n tab \t nul \u{0} esc \u{1B}[2J del \u{7F} csi \u{9B} é 🦙 \u{2028}"
        let lines = try Self.lines(.json) { logger in
            logger.warning(
                "\(nasty)",
                metadata: [
                    "\(nasty)": "\(nasty)", "nan": .stringConvertible(Double.nan), "list": ["\(nasty)", ["k": "v"]],
                    "message": "mine", "level": .stringConvertible(7), "empty": "",
                ])
        }
        #expect(lines.count == 1)
        let line = try #require(lines.first)
        #expect(line.unicodeScalars.allSatisfy { $0.value >= 0x20 })
        let object = try JSONDecoder().decode([String: JSONAny].self, from: Data(line.utf8))
        #expect(object["message"] == .string(nasty))
        #expect(object[nasty] == .string(nasty))
        #expect(object["nan"] == .string("nan"))
        #expect(object["list"] == .array([.string(nasty), .array([.array([.string("k"), .string("v")])])]))
        #expect(object["metadata.message"] == .string("mine"))
        #expect(object["metadata.level"] == .number(7))
        #expect(object["level"] == .string("warning"))
        #expect(object["empty"] == .string(""))
    }

    @Test func `Writes plain text on one line`() throws {
        let lines = try Self.lines(.text) { logger in
            logger.error("Bad\nthing \u{1B}[31m", metadata: ["path": "/v1/chat", "detail": "two words", "n": "a=b"])
            logger.info(
                "Fine", metadata: ["csi": "\u{9B}2J\"é", "list": ["a", "b c", .stringConvertible(1)], "e": ""])
        }
        #expect(
            lines == [
                "2025-11-23T18:00:00.042Z error    lamina.test: Bad\\nthing \\u001b[31m detail=\"two words\" n=\"a=b\" "
                    + "path=/v1/chat",
                "2025-11-23T18:00:00.042Z info     lamina.test: Fine csi=\"\\u009b2J\\\"é\" e=\"\" list=[a,\"b c\",1]",
            ])
    }

    @Test func `Drops events below its level`() throws {
        let lines = try Self.lines(.text) { logger in
            logger.debug("no")
            var verbose = logger
            verbose.logLevel = .trace
            verbose.trace("yes")
            logger.debug("still not")
        }
        #expect(lines.count == 1)
        #expect(lines.first?.contains("trace    lamina.test: yes") == true)
    }

    @Test func `The event's metadata wins over the provider's, which wins over the logger's`() throws {
        let provider = Logger.MetadataProvider { ["a": "provider", "b": "provider"] }
        let lines = try Self.lines(.text, provider: provider) { logger in
            var logger = logger
            logger[metadataKey: "a"] = "logger"
            logger[metadataKey: "b"] = "logger"
            logger[metadataKey: "c"] = "logger"
            logger.info("m", metadata: ["b": "event"])
        }
        #expect(lines.first?.hasSuffix("m a=provider b=event c=logger") == true)
    }

    @Test func `Names the error an event carries`() throws {
        let lines = try Self.lines(.text) { $0.error("failed", error: MetricError.duplicateName("g")) }
        #expect(lines.first?.hasSuffix("error=\"metric name 'g' is already used by another family\"") == true)
    }

    @Test func `Cuts lines that are too long and keeps the ids`() throws {
        for format in LogFormat.allCases {
            let lines = try Self.lines(format) { logger in
                logger.info(
                    "\(String(repeating: "\u{1}é", count: 100_000))",
                    metadata: ["request_id": "r-1", "big": "\(String(repeating: "x", count: 100_000))"])
            }
            let line = try #require(lines.first)
            #expect(lines.count == 1)
            #expect(line.utf8.count < TelemetryLimits.logLineBytes)
            #expect(line.contains("r-1"))
            #expect(line.contains("truncated"))
            #expect(!line.contains("xxx"))
            if format == .json {
                let object = try JSONDecoder().decode([String: JSONAny].self, from: Data(line.utf8))
                #expect(object["truncated"] == .bool(true))
            }
        }
    }

    @Test func `Chooses JSON where there is no terminal`() throws {
        let pipe = try Pipe()
        #expect(LogFormat.suiting(descriptor: pipe.writeEnd) == .json)
        #expect(LogFormat(rawValue: "text") == .text)
    }

    /// The lines that `body` logs, without their newlines.
    private static func lines(
        _ format: LogFormat, provider: Logger.MetadataProvider? = nil, _ body: (Logger) -> Void
    ) throws -> [String] {
        let pipe = try Pipe()
        let output = LogOutput(descriptor: pipe.writeEnd)
        let logger = Logger(label: "lamina.test") { label in
            StructuredLogHandler(
                label: label, format: format, output: output, metadataProvider: provider,
                clock: { UnixTime(seconds: 1_763_920_800, nanoseconds: 42_000_000) })
        }
        body(logger)
        #expect(output.droppedLines == 0)
        let text = pipe.readAvailable()
        #expect(text.hasSuffix("\n"))
        return text.split(separator: "\n").map(String.init)
    }
}
