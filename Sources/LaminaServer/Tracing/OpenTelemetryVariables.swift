import LaminaHTTP

/// Reads the variables of the OpenTelemetry specification ("Environment Variable Specification") as it asks for: what is empty counts as
/// unset; what makes no sense is warned of and counts as unset too, since the same variables are set for a whole fleet.
struct OpenTelemetryVariables {
    /// What was passed over, one sentence each.
    private(set) var warnings: [String] = []
    private let environment: [String: String]

    init(_ environment: [String: String]) { self.environment = environment }

    /// The first of several variables that is set.
    func text(_ names: String...) -> (name: String, value: String)? { text(names) }

    /// A variable of the exporter: the one for traces, else the one for everything.
    func exporter(_ name: String) -> (name: String, value: String)? {
        text(["OTEL_EXPORTER_OTLP_TRACES_\(name)", "OTEL_EXPORTER_OTLP_\(name)"])
    }

    private func text(_ names: [String]) -> (name: String, value: String)? {
        for name in names {
            // Blanks around a value come of how it was quoted.
            let value = (environment[name] ?? "").trimmed
            if !value.isEmpty { return (name, String(value)) }
        }
        return nil
    }

    mutating func warn(_ sentence: String) { warnings.append(sentence) }

    /// True for `true` in any case of letters, and for nothing else.
    mutating func truth(_ name: String) -> Bool {
        guard let (name, value) = text(name) else { return false }
        if value.lowercased() == "true" { return true }
        if value.lowercased() != "false" { warn("\(name) must be true or false, not '\(value)'; it counts as false") }
        return false
    }

    /// A whole number in a range.
    mutating func number(_ setting: (name: String, value: String)?, _ range: ClosedRange<Int>) -> Int? {
        guard let (name, value) = setting else { return nil }
        guard let number = Int(value), range.contains(number) else {
            warn(
                "\(name) must be a whole number from \(range.lowerBound) to \(range.upperBound), not '\(value)'; "
                    + "it is passed over")
            return nil
        }
        return number
    }

    /// A number of milliseconds. For a time-out zero means without end, which here is the longest wait there is.
    mutating func milliseconds(
        _ setting: (name: String, value: String)?, zeroIsEndless: Bool = true
    ) -> Duration? {
        let number = number(setting, 0...Int(TracingLimits.longestWait / .milliseconds(1)))
        return number.map { $0 == 0 && zeroIsEndless ? TracingLimits.longestWait : .milliseconds($0) }
    }

    /// `key=value` pairs separated by commas, the values percent-encoded. Where any is malformed the whole variable is passed over;
    /// the warning does not repeat it, since it may hold a key.
    mutating func pairs(_ setting: (name: String, value: String)?) -> [(key: String, value: String)] {
        guard let (name, text) = setting else { return [] }
        var pairs: [(key: String, value: String)] = []
        for (index, entry) in text.split(separator: ",").enumerated() {
            let parts = entry.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, index < TracingLimits.listEntries, let key = Self.decoded(parts[0]), !key.isEmpty,
                let value = Self.decoded(parts[1])
            else {
                warn(
                    "\(name) must be up to \(TracingLimits.listEntries) entries 'key=value' with percent-encoded values, "
                        + "separated by commas; entry \(index + 1) is not, and all are passed over")
                return []
            }
            pairs.append((key, value))
        }
        return pairs
    }

    private static func decoded(_ text: Substring) -> String? {
        PercentEncoding.decoded(text.trimmed).flatMap { String(validating: $0, as: UTF8.self) }
    }
}
