import LaminaEngine
import LaminaKernels
package import LaminaModel

/// Examines what a server with a certain configuration would meet here, by the same code that the server itself starts with.
/// Nothing is loaded, and nothing stays changed.
package struct Doctor: Sendable {
    let configuration: ServerConfiguration
    let passedOver: [String]
    let surroundings: Surroundings
    let watch: MeshWatch
    private let openModel: @Sendable () throws -> ModelFile

    /// - Parameters:
    ///   - passedOver: what the environment says of traces and nobody can follow, one sentence each.
    ///   - openModel: opens the model that is to be served.
    package init(
        _ configuration: ServerConfiguration, passedOver: [String] = [], surroundings: Surroundings, mesh: MeshWatch,
        openModel: @escaping @Sendable () throws -> ModelFile
    ) {
        self.configuration = configuration
        self.passedOver = passedOver
        self.surroundings = surroundings
        watch = mesh
        self.openModel = openModel
    }

    /// All findings, in an order that suits reading.
    package func examine() async -> [Finding] {
        let mesh = await watch.look()
        let places = examinePlaces(mesh)
        // A server that runs here already has taken the memory that is looked for.
        let isServerRunning = places.contains { $0.isTaken }
        return await examineMachine() + examineModel(isServerRunning: isServerRunning) + places.map(\.finding)
            + examineMesh(mesh) + examineWorkload() + examineShutdown() + examineCertificates()
            + examineAPIKeys(mesh) + examineTraces()
    }

    private func examineModel(isServerRunning: Bool) -> [Finding] {
        let file: ModelFile
        do {
            file = try openModel()
        } catch {
            return [Finding(.model, .error, "\(error)", advice: "name another file with --model")]
        }
        let model = Finding(
            .model, .ok,
            "\(file.file.path): \(file.configuration.name), weights \(ByteCount(file.file.header.weightBytes)), "
                + "context \(file.configuration.contextLength) tokens")
        return [model, examineMemory(file, isServerRunning: isServerRunning)]
    }

    private func examineMemory(_ file: ModelFile, isServerRunning: Bool) -> Finding {
        let resources = surroundings.resources
        do {
            let plan = try ServedModel.plan(file, options: configuration.model, resources: resources)
            let seen =
                "weights \(ByteCount(plan.weightBytes)), KV cache \(ByteCount(plan.cacheBytes)) \(plan.cacheType.rawValue), "
                + "activations \(ByteCount(plan.scratchBytes)): \(ByteCount(plan.totalBytes)) of "
                + "\(ByteCount(resources.availableMemoryBytes)) that are free; context \(plan.contextLength) tokens"
            return examineContext(plan, file, seen)
        } catch {
            let longest = ServedModel.longestContext(file, options: configuration.model, resources: resources)
            let advice = longest.map { "the longest context that fits is --max-context \($0)" }
            guard isServerRunning else { return Finding(.memory, .error, "\(error)", advice: advice) }
            return Finding(
                .memory, .note,
                "\(ByteCount(resources.availableMemoryBytes)) are free beside the server that runs here already: not enough for "
                    + "a second one", advice: "to see whether the model fits, run this before the server")
        }
    }

    /// Whether the memory shortens the model's context, though nobody asked for that.
    private func examineContext(_ plan: MemoryPlan, _ file: ModelFile, _ seen: String) -> Finding {
        let whole = file.configuration.contextLength
        guard configuration.model.memory.contextLength == nil, plan.contextLength < whole else {
            return Finding(.memory, .ok, seen)
        }
        return Finding(
            .memory, .note, seen + ", where the model has \(whole)",
            advice: "raise the memory limit or --kv-cache-memory, or keep keys and values smaller with --kv-type q8_0")
    }
}
