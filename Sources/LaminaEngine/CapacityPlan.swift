package import LaminaModel

/// What replicas of a server need and what they can give, computed from a model's header before anything is loaded.
///
/// The memory is what ``MemoryPlan`` divides, with a whole context for every sequence. The rates are bounds: generating
/// reads all weights and the cache from memory for every step, prompts are bound by arithmetic.
package struct CapacityPlan: Sendable, Equatable {
    /// Where one replica's memory goes.
    package let memory: MemoryPlan
    /// Sequences that one replica computes together.
    package let sequences: Int
    /// Servers, each with memory and processors of its own.
    package let replicas: Int
    /// What one replica runs on.
    package let node: Node
    private let weightCount: Int

    /// What one replica runs on.
    package struct Node: Sendable, Equatable {
        /// Threads that compute.
        package var threadCount: Int
        /// What they together read from memory, in bytes per second.
        package var readBandwidth: Double
        /// Operations per second that each of them reaches in prompts, a multiplication and an addition counting as two; nil
        /// where that is not known.
        package var operationsPerThread: Double?

        /// A node given by its figures.
        package init(threadCount: Int, readBandwidth: Double, operationsPerThread: Double? = nil) {
            self.threadCount = threadCount
            self.readBandwidth = readBandwidth
            self.operationsPerThread = operationsPerThread
        }
    }

    /// Memory of a machine of any size: a plan says what is needed, not what there is.
    private static let anyMemory = GGUFLimits.plannedFileBytes

    /// What the process takes beside its plan: the program, the tokenizer, connections and their buffers.
    package static let processBytes = 200 << 20

    /// Plans `replicas` servers of the model with this header.
    /// - Parameter wishes: with a context of at most the model's own.
    /// - Throws: `ModelError` where this is no model that can be served, `MemoryPlanError` beyond any machine's memory.
    package init(_ header: GGUFHeader, wishes: MemoryPlan.Wishes, replicas: Int, node: Node) throws {
        var wishes = wishes
        wishes.cacheBytes = Self.anyMemory / 2
        memory = try MemoryPlan(
            configuration: ModelConfiguration(header), weightBytes: header.weightBytes, wishes: wishes,
            threadCount: node.threadCount, availableBytes: Self.anyMemory)
        sequences = wishes.maximumSequences
        weightCount = header.weightCount
        self.replicas = replicas
        self.node = node
    }

    /// Memory limit of one replica, in bytes.
    package var replicaBytes: Int { memory.totalBytes + Self.processBytes }

    /// Memory of all replicas, in bytes.
    package var totalBytes: Int { replicas * replicaBytes }

    /// Processors of all replicas.
    package var cores: Int { replicas * node.threadCount }

    /// Tokens per second of a request that is alone on its replica, at half the context; at most.
    package var streamRate: Double { rate(sequences: 1) }

    /// Tokens per second of all replicas with all their sequences at half the context; at most.
    package var totalRate: Double { Double(replicas) * rate(sequences: sequences) }

    /// Prompt tokens per second of one replica, at most; nil where the arithmetic of the node is not known.
    package var promptRate: Double? {
        node.operationsPerThread.map { $0 * Double(node.threadCount) / (2 * Double(max(1, weightCount))) }
    }

    /// Tokens per second of one replica: whichever of memory and arithmetic is slower.
    private func rate(sequences: Int) -> Double {
        let bytes = memory.bytesPerStep(sequences: sequences, positions: Double(memory.contextLength) / 2)
        let readRate = Double(sequences) * node.readBandwidth / bytes
        return min(readRate, promptRate ?? .infinity)
    }
}
