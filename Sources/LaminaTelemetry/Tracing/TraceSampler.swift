/// Decides whether a trace is recorded (OpenTelemetry specification, Tracing SDK, "Built-in samplers").
package indirect enum TraceSampler: Sendable, Equatable {
    /// Every trace.
    case alwaysOn
    /// None.
    case alwaysOff
    /// That share of all traces, 0 to 1, chosen by their ids: services with the same share choose the same ones.
    case traceIDRatio(Double)
    /// As the caller has decided; where there is no caller, or it leaves it open, as the root decides.
    case parentBased(root: TraceSampler)

    /// The names that `OTEL_TRACES_SAMPLER` may have.
    package static let names = [
        "always_on", "always_off", "traceidratio", "parentbased_always_on", "parentbased_always_off",
        "parentbased_traceidratio",
    ]

    /// The sampler that goes by a name; nil where none does.
    ///
    /// - Parameter ratio: the share for those that take one, 0 to 1.
    package init?(name: String, ratio: Double) {
        let prefix = "parentbased_"
        let isParentBased = name.hasPrefix(prefix)
        let root: TraceSampler
        switch isParentBased ? name.dropFirst(prefix.count) : name[...] {
        case "always_on": root = .alwaysOn
        case "always_off": root = .alwaysOff
        case "traceidratio": root = .traceIDRatio(ratio)
        default: return nil
        }
        self = isParentBased ? .parentBased(root: root) : root
    }

    /// Whether a trace is recorded.
    ///
    /// - Parameter parent: what the caller has decided; nil where there is none or it has not.
    package func isSampled(_ traceID: TraceID, parent: Bool?) -> Bool {
        switch self {
        case .alwaysOn: return true
        case .alwaysOff: return false
        case .traceIDRatio(let ratio):
            // As most SDKs do it: 63 bits of the id's lower half, which is random in all versions of trace ids.
            return ratio >= 1 || traceID.low >> 1 < UInt64(max(0, ratio) * 0x1p63)
        case .parentBased(let root): return parent ?? root.isSampled(traceID, parent: nil)
        }
    }
}
