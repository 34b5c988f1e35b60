import ArgumentParser
import Testing

@testable import lamina_llm_serve

struct PlanOptionTests {
    @Test(arguments: [
        ["--context", "8192"], ["--replicas", "2"], ["--bandwidth", "100"], ["--kv-type", "q8_0"],
        ["--plan", "--context", "0"], ["--plan", "--replicas", "0,1"], ["--plan", "--sequences", "0"],
        ["--plan", "--threads", "0"], ["--plan", "--bandwidth", "0"], ["--plan", "--bandwidth", "nan"],
        ["--plan", "--operations=-1"],
    ])
    func `Refuses figures without a plan, and plans without sense`(arguments: [String]) {
        #expect(throws: (any Error).self) { try ShowCommand.parse(["model.gguf"] + arguments) }
    }

    @Test func `Names the option that needs --plan`() throws {
        let error = try #require(throws: (any Error).self) { try ShowCommand.parse(["m", "--replicas", "2"]) }
        #expect(ShowCommand.message(for: error).contains("--plan"))
    }
}
