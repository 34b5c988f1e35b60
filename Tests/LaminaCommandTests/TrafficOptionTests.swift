import ArgumentParser
import LaminaHTTP
import LaminaServer
import Testing

@testable import lamina_llm_serve

struct TrafficOptionTests {
    private func configuration(
        _ arguments: [String], _ environment: [String: String] = [:]
    ) throws -> ServerConfiguration {
        try TrafficOptions.parse(arguments).serverConfiguration(OptionReader(environment: environment))
    }

    @Test func `Sends a comment after ten seconds, and reports load where it is asked, unless told otherwise`() throws {
        let configuration = try configuration([])
        #expect(configuration.heartbeat == .seconds(10) && configuration.requestTimeout == nil)
        #expect(configuration.loadReports == .onRequest)
    }

    @Test func `Takes options before the environment`() throws {
        let variables = ["LAMINA_HEARTBEAT": "3", "LAMINA_REQUEST_TIMEOUT": "4", "LAMINA_LOAD_REPORT": "always"]
        let byVariable = try configuration([], variables)
        #expect(byVariable.heartbeat == .seconds(3) && byVariable.requestTimeout == .seconds(4))
        #expect(byVariable.loadReports == .always)
        let byOption = try configuration(
            ["--heartbeat", "5", "--request-timeout", "6", "--load-report", "off"], variables)
        #expect(byOption.heartbeat == .seconds(5) && byOption.requestTimeout == .seconds(6))
        #expect(byOption.loadReports == .off)
    }

    @Test func `Zero turns off`() throws {
        let configuration = try configuration(["--heartbeat", "0", "--request-timeout", "0"])
        #expect(configuration.heartbeat == nil && configuration.requestTimeout == nil)
    }

    @Test(arguments: [
        ["--heartbeat=-1"], ["--heartbeat", "3601"], ["--request-timeout", "604801"], ["--load-report", "sometimes"],
    ])
    func `Refuses what is out of range`(arguments: [String]) {
        #expect(throws: (any Error).self) { try TrafficOptions.parse(arguments) }
    }

    @Test func `Names the variable that is wrong`() throws {
        let error = try #require(throws: (any Error).self) { try configuration([], ["LAMINA_LOAD_REPORT": "yes"]) }
        #expect("\(error)".contains("LAMINA_LOAD_REPORT must be one of off, on-request, always, not 'yes'"))
    }
}
