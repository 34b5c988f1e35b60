import ArgumentParser
import Glibc
import LaminaKernels
import LaminaServer

/// The command line of lamina-llm-serve.
@main
struct LaminaCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lamina-llm-serve",
        abstract: "Serves large language models from GGUF files over an OpenAI-compatible HTTP API.",
        discussion: """
            Without a command it serves. Without --model it serves the small demonstration model that ships with it.

              lamina-llm-serve --port 8080
              lamina-llm-serve serve --model llama-3.2-1b-q4_0.gguf
              lamina-llm-serve generate "What is the capital of France?"
            """,
        version: "\(BuildInfo.version) (\(InstructionSet.name))",
        subcommands: [
            ServeCommand.self, GenerateCommand.self, ShowCommand.self, BenchCommand.self, HealthCommand.self,
            DoctorCommand.self, TokenizeCommand.self, TemplateCommand.self,
        ],
        defaultSubcommand: ServeCommand.self)

    static func main() async {
        BetterBuild.handOver()
        // Before there is another thread.
        ProcessLimits.spareAddressSpace()
        guard InstructionSet.isAvailable else {
            CommandFailure.exit(
                "this build needs a processor with \(InstructionSet.name), which this one does not have")
        }
        guard ProcessLimits.hasRoomForThreads else {
            CommandFailure.exit("this process may not have the memory for its threads; see ulimit -v")
        }
        // A reader that goes away (head, a closed pipe) is an error of write, not the end of the process.
        signal(SIGPIPE, SIG_IGN)
        do {
            var command = try parseAsRoot()
            if var asyncCommand = command as? any AsyncParsableCommand {
                try await asyncCommand.run()
            } else {
                try command.run()
            }
        } catch let code as ExitCode {
            // The command has said what there is to say.
            Glibc.exit(code.rawValue)
        } catch {
            let isFailure = exitCode(for: error) == .failure && !(error is ValidationError)
            if isFailure { CommandFailure.exit("\(error)") }
            exit(withError: error)
        }
    }
}

/// How a command says that it failed.
enum CommandFailure {
    /// Prints what is wrong to standard error and ends the process with status 1.
    static func exit(_ message: String) -> Never {
        Terminal.writeError("error: \(message)\n")
        // Not `exit`: its handlers may wait for threads that could not be started.
        _exit(1)
    }
}
