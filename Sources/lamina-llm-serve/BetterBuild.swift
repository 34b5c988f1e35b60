import Glibc
import LaminaKernels

/// Hands the process over to a build for more of the processor's instructions, where one lies beside this one: an image carries
/// `lamina-llm-serve`, which runs anywhere, and `lamina-llm-serve-x86-64-v4`.
enum BetterBuild {
    /// Set for the other build, so that a file that is not what its name says cannot hand over for ever.
    private static let mark = "LAMINA_HANDED_OVER"

    /// Returns where this is the best build there is; the process keeps its id, arguments and environment otherwise.
    static func handOver() {
        guard let name = InstructionSet.better, getenv(mark) == nil else { return }
        let path = "\(Executable.path)-\(name)"
        guard access(path, X_OK) == 0 else { return }
        setenv(mark, "1", 1)
        var arguments = CommandLine.arguments.map { strdup($0) } + [nil]
        execv(path, &arguments)
        // It cannot be run, in a damaged image say: this build serves as well, only slower.
        Terminal.writeError("warning: cannot run \(path): \(String(cString: strerror(errno)))\n")
        for argument in arguments { free(argument) }
    }
}
