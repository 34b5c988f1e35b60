import ArgumentParser
import LaminaJSON
import LaminaServer
import Testing

@testable import lamina_llm_serve

struct DoctorReportTests {
    private let report = DoctorReport(findings: [
        Finding(.clock, .ok, "now"),
        Finding(.listening, .warning, "nobody reaches this port from outside", advice: "listen on all addresses"),
        Finding(.apiKeys, .error, "no file"),
    ])

    @Test func `Wraps findings under their columns, and counts them`() {
        #expect(
            report.text(width: 46) == """
                  ok       clock      now
                  warning  listening  nobody reaches this port
                                      from outside
                                      → listen on all
                                        addresses
                  error    api keys   no file

                1 error, 1 warning, no notes

                """)
    }

    @Test func `A word that is too long has a line of its own`() {
        #expect(DoctorReport.wrapped("a /very/long/path b", width: 5, indent: 1) == "a\n /very/long/path\n b")
    }

    @Test func `JSON has every finding and the number of each level`() throws {
        let json = try JSONValue(parsing: report.json)
        #expect(json["counts"]?["error"] == 1 && json["counts"]?["ok"] == 1 && json["counts"]?["note"] == 0)
        let findings = json["findings"]?.arrayValue ?? []
        #expect(findings.count == 3)
        #expect(findings[1]["area"] == "listening" && findings[1]["level"] == "warning")
        #expect(findings[1]["advice"] == "listen on all addresses" && findings[2]["advice"] == nil)
    }

    @Test func `Takes serve's options and its own`() throws {
        let command = try DoctorCommand.parse(["--json", "--port", "9", "--mesh", "istio", "--max-context", "64"])
        #expect(command.json && command.options.listen.port == 9 && command.options.mesh.mesh == .istio)
        #expect(command.options.model.load.maxContext == 64)
        #expect(throws: (any Error).self) { try DoctorCommand.parse(["--port", "65536"]) }
        #expect(throws: (any Error).self) { try DoctorCommand.parse(["--max-sequences", "0"]) }
    }
}
