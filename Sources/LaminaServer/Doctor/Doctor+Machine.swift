import LaminaEngine
import LaminaHTTP
import LaminaKernels
import LaminaTelemetry

extension Doctor {
    /// 1 January 2025: a clock that is behind this build's making has not been set.
    private static let earliestSeconds = 1_735_689_600
    /// Descriptors beside those of connections: listeners, files, the client.
    private static let otherDescriptors = 64

    func examineMachine() -> [Finding] {
        [examineBuild(), examineClock(), examineThreads(), examineDescriptors()]
    }

    private func examineBuild() -> Finding {
        let seen = "version \(BuildInfo.version) for \(InstructionSet.name)"
        guard let better = InstructionSet.better else { return Finding(.build, .ok, seen) }
        return Finding(
            .build, .note, "\(seen); this processor can do \(better)",
            advice: "a build for \(better) is faster: make build, or put lamina-llm-serve-\(better) beside this binary")
    }

    private func examineClock() -> Finding {
        let now = surroundings.now
        guard now.seconds < Self.earliestSeconds else { return Finding(.clock, .ok, now.rfc3339) }
        return Finding(
            .clock, .error, "the clock says \(now.rfc3339)",
            advice: "set it: certificates are judged by it, and traces are filed under it")
    }

    private func examineThreads() -> Finding {
        let processors = surroundings.resources.processorCount
        let threads = ServedModel.threadCount(configuration.model, surroundings.resources)
        if threads > processors {
            return Finding(
                .processors, .warning,
                "\(threads) threads are to compute, and \(processors) processors may be used: they wait for each other",
                advice: "leave --threads out, or raise the processor limit")
        }
        return Finding(.processors, .ok, "\(threads) threads compute; \(processors) processors may be used")
    }

    private func examineDescriptors() -> Finding {
        let (limit, connections) = (surroundings.descriptorLimit, configuration.http.maximumConnections)
        let room = max(0, limit - Self.otherDescriptors)
        guard room < connections else {
            return Finding(.descriptors, .ok, "\(limit) may be open; --max-connections is \(connections)")
        }
        return Finding(
            .descriptors, .warning, "\(limit) may be open, and --max-connections is \(connections)",
            advice: "raise the limit (ulimit -Hn, LimitNOFILE) to \(connections + Self.otherDescriptors), or lower "
                + "--max-connections to \(room)")
    }
}
