import ArgumentParser
import LaminaEngine
import LaminaServer

/// How many requests are computed together, and how many may wait for it.
struct SchedulingOptions: ServerOptions {
    @Option(
        help: ArgumentHelp(
            "Sequences computed together (LAMINA_MAX_SEQUENCES). Default: \(EngineLimits.Default.sequences).",
            valueName: "count"))
    var maxSequences: Int?

    @Option(
        help: ArgumentHelp(
            "Requests that may wait for a place; more are refused with 503 (LAMINA_MAX_QUEUE). Default: "
                + "\(EngineLimits.Default.waiting).",
            valueName: "count"))
    var maxQueue: Int?

    @Option(
        help: ArgumentHelp(
            "Requests of one named tenant that may wait; more are refused with 429 (LAMINA_MAX_QUEUE_PER_TENANT). Default: half "
                + "of --max-queue.", valueName: "count"))
    var maxQueuePerTenant: Int?

    @Option(
        help: ArgumentHelp(
            "Milliseconds a step should take while streams run: prompts are computed in chunks that fit, so that streams "
                + "go on (LAMINA_STEP_TARGET). Default: 250.", valueName: "milliseconds"))
    var stepTarget: Int?

    func apply(to configuration: inout ServerConfiguration, _ read: OptionReader) throws {
        if let count = try read.number(maxSequences, "max-sequences", 1...1024) {
            configuration.model.memory.maximumSequences = count
        }
        if let count = try read.number(maxQueue, "max-queue", 0...65536) { configuration.model.maximumWaiting = count }
        if let count = try read.number(maxQueuePerTenant, "max-queue-per-tenant", 1...65536) {
            configuration.model.maximumWaitingPerTenant = count
        }
        if let milliseconds = try read.number(stepTarget, "step-target", 1...60000) {
            configuration.model.stepTarget = .milliseconds(milliseconds)
        }
    }
}
