import LaminaEngine
import LaminaKernels
import LaminaTelemetry

/// What the endpoint picker of an inference gateway reads to choose a server, under the names that vLLM gave it and pickers expect
/// (Gateway API Inference Extension, "Model Server Protocol"). The values are those of our own metrics.
struct GatewayMetrics: MetricSource {
    private let engine: EngineMetrics
    private let state: ServerState
    private let gauges: [Gauge]

    /// A metric and where its value comes from.
    private struct Gauge {
        let descriptor: MetricDescriptor
        let value: @Sendable (EngineMetrics) -> Double
        /// Its label values.
        var labels: @Sendable (ServerState.NamedModel) -> [String] = { [$0.id] }
    }

    /// - Throws: `MetricError` where a name is none.
    init(engine: EngineMetrics, state: ServerState) throws(MetricError) {
        self.engine = engine
        self.state = state
        gauges = [
            Gauge(descriptor: try Self.descriptor("vllm:num_requests_running", "lamina_requests_running")) {
                $0.running.value
            },
            Gauge(descriptor: try Self.descriptor("vllm:num_requests_waiting", "lamina_requests_waiting")) {
                $0.waiting.value
            },
            Gauge(descriptor: try Self.descriptor("vllm:kv_cache_usage_perc", "lamina_kv_cache_usage_ratio")) {
                $0.cacheUsage.value
            },
            // What pickers read that were made for vLLM before 0.10.
            Gauge(descriptor: try Self.descriptor("vllm:gpu_cache_usage_perc", "lamina_kv_cache_usage_ratio")) {
                $0.cacheUsage.value
            },
            Gauge(
                descriptor: try MetricDescriptor(
                    name: "vllm:cache_config_info", help: "Blocks of the KV cache and tokens of each; always 1.",
                    kind: .gauge, labelNames: ["model_name", "block_size", "num_gpu_blocks"]), value: { _ in 1 },
                labels: { [$0.id, "\(KVCache.blockSize)", "\($0.model.plan.blockCount)"] }),
            // Some pickers take a server without it for a broken one.
            Gauge(
                descriptor: try MetricDescriptor(
                    name: "vllm:lora_requests_info", help: "LoRA adapters: there are none.", kind: .gauge,
                    labelNames: ["max_lora", "running_lora_adapters", "waiting_lora_adapters"]), value: { _ in 0 },
                labels: { _ in ["0", "", ""] }),
        ]
    }

    var descriptors: [MetricDescriptor] { gauges.map(\.descriptor) }

    /// Empty families until the model is there: a picker must not take a server that loads for an idle one.
    func snapshot() -> [MetricFamilySnapshot] {
        let model = state.phase.model
        return gauges.map { gauge in
            let series = model.map { model in
                MetricFamilySnapshot.Series(
                    labelValues: gauge.labels(model), value: .number(gauge.value(engine)))
            }
            return MetricFamilySnapshot(descriptor: gauge.descriptor, series: series.map { [$0] } ?? [])
        }
    }

    private static func descriptor(_ name: String, _ own: String) throws(MetricError) -> MetricDescriptor {
        try MetricDescriptor(name: name, help: "The same as \(own).", kind: .gauge, labelNames: ["model_name"])
    }
}

extension ServerState.Phase {
    /// The model, once it is loaded.
    fileprivate var model: ServerState.NamedModel? {
        switch self {
        case .loading: nil
        case .ready(let model): model
        case .leaving(let model), .draining(let model): model
        }
    }
}
