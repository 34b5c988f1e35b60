import ArgumentParser
import Logging
import Testing

@testable import lamina_llm_serve

struct LogOptionTests {
    private func level(_ arguments: [String], _ environment: [String: String] = [:]) throws -> Logger.Level {
        try LogOptions.parse(arguments).logger(OptionReader(environment: environment)).logLevel
    }

    @Test func `Logs from a level on that option or environment name`() throws {
        #expect(try level([]) == .info)
        #expect(try level([], ["LAMINA_LOG_LEVEL": "debug"]) == .debug)
        #expect(try level(["--log-level", "error"], ["LAMINA_LOG_LEVEL": "debug"]) == .error)
    }

    @Test func `Refuses levels and forms that are none`() {
        #expect(throws: (any Error).self) { try LogOptions.parse(["--log-level", "loud"]) }
        #expect(throws: (any Error).self) { try LogOptions.parse(["--log-format", "xml"]) }
        let error = #expect(throws: (any Error).self) { try level([], ["LAMINA_LOG_FORMAT": "xml"]) }
        #expect(error.map { "\($0)" }?.contains("LAMINA_LOG_FORMAT must be one of json, text, not 'xml'") == true)
    }
}
