import ArgumentParser
import FoundationEssentials
import Glibc
import LaminaEngine
import LaminaServer
import LaminaTelemetry
import Logging

/// `doctor`: what a server started with the same options would meet here, and what to change.
struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor", abstract: "Examine what 'serve' would meet here, and say what to change.",
        discussion: """
            Takes the options of 'serve' and examines exactly that configuration: the mesh and its sidecar, ports, user, \
            certificates, API keys, the model and the memory and processors it gets. Nothing is loaded and nothing changed. \
            In a pod:

              kubectl exec POD -- lamina-llm-serve doctor

            Each finding is ok, a note, a warning or an error; the exit status is 1 if there is an error.
            """)

    @Flag(help: "Print JSON instead of text.") var json = false

    @OptionGroup var options: ServeOptions

    func run() async throws {
        let mesh = MeshWatch(try options.mesh.settings(), logger: CommandLog.logger(level: .error))
        let model = options.model
        var passedOver: [String] = []
        let configuration = try options.configuration { passedOver.append($0) }
        let doctor = Doctor(configuration, passedOver: passedOver, surroundings: .here(), mesh: mesh) {
            try model.open()
        }
        let report = DoctorReport(findings: await doctor.examine())
        try Terminal.write(json ? report.json : report.text(width: Terminal.outputWidth))
        if report.findings.contains(where: { $0.level == .error }) { throw ExitCode.failure }
    }
}

extension Surroundings {
    /// Those of this process.
    fileprivate static func here() -> Surroundings {
        Surroundings(
            resources: .current(), descriptorLimit: ProcessLimits.mostOpenFiles, userID: geteuid(), now: .now(),
            environment: ProcessInfo.processInfo.environment)
    }
}
