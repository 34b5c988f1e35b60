import ArgumentParser
import Testing

@testable import lamina_llm_serve

struct BenchOptionTests {
    @Test func `Reads lists of tokens`() {
        #expect(TokenList(argument: "512")?.counts == [512])
        #expect(TokenList(argument: "128,512")?.counts == [128, 512])
        #expect(TokenList(argument: "0")?.positive == [])
        for text in ["", ",", "1,", "a", "-1", "1.5", "99999999999"] { #expect(TokenList(argument: text) == nil) }
    }

    @Test func `Reads ranges of tokens`() {
        #expect(TokenRange(argument: "128") == TokenRange(128))
        #expect(TokenRange(argument: "64-256") == TokenRange(64...256))
        for text in ["", "0", "-5", "5-", "9-8", "1-2-3", "a-b", "1-99999999999"] {
            #expect(TokenRange(argument: text) == nil, "\(text)")
        }
    }

    @Test(arguments: [
        ["--rate", "2", "--concurrency", "3"], ["--rate", "0"], ["--concurrency", "0"], ["--chat", "--prompt-ids"],
        ["--workload", "agents", "--requests", "3"], ["--workload", "other"], ["--duration", "nan"],
        ["--temperature", "3"], ["--input-tokens", "0"], ["--warm-up=-1"],
        ["--seed", "9223372036854775808"],
    ])
    func `Refuses options that make no load`(arguments: [String]) {
        #expect(throws: (any Error).self) { try BenchServeCommand.parse(arguments) }
    }

    @Test func `Takes the default subcommand's options where none is named`() throws {
        let command = try #require(
            try BenchCommand.parseAsRoot(["-p", "8,16", "-d", "4", "--model", "a", "--model", "b"])
                as? BenchModelCommand)
        #expect(command.prompt.counts == [8, 16])
        #expect(command.depth.counts == [4])
        #expect(command.model == ["a", "b"])
        #expect(try BenchCommand.parseAsRoot(["serve", "--prompt-ids"]) is BenchServeCommand)
        #expect(throws: (any Error).self) { try BenchModelCommand.parse(["-p", "0", "-n", "0"]) }
    }
}
