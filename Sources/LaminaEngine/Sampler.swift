import HeapModule
import Glibc
package import LaminaModel

/// Chooses tokens: temperature, then top-k, then min-p, then top-p over what is left, then one random number.
package struct Sampler: Sendable {
    private let parameters: SamplingParameters
    private var random: SplitMix64

    private struct Candidate: Comparable {
        let logit: Float
        let token: TokenID
        // Equal logits are ordered by token, so that a choice never depends on the order of a sort.
        static func < (a: Candidate, b: Candidate) -> Bool {
            a.logit < b.logit || (a.logit == b.logit && a.token > b.token)
        }
    }

    /// - Parameter seed: starts the random numbers where the parameters have no seed of their own.
    package init(_ parameters: SamplingParameters, seed: UInt64) {
        self.parameters = parameters
        random = SplitMix64(seed: parameters.seed ?? seed)
    }

    /// The next token for `logits` [vocabulary]; nil where the logits are no numbers and there is nothing to choose.
    package mutating func sample(_ logits: Span<Float>) -> TokenID? {
        let best = Self.mostLikely(logits)
        guard best.logit.isFinite else { return nil }
        guard parameters.temperature > 0, parameters.topK != 1 else { return best.token }
        let unit = random.nextUnit()
        if parameters.topK <= 0 || parameters.topK >= logits.count, parameters.topP >= 1, parameters.minP <= 0 {
            return drawFromAll(logits, best: best, unit: unit)
        }
        return draw(from: candidates(logits, best: best), largest: best.logit, unit: unit)
    }

    private static func mostLikely(_ logits: Span<Float>) -> Candidate {
        var (token, logit) = (0, -Float.infinity)
        for index in logits.indices where logits[index] > logit { (token, logit) = (index, logits[index]) }
        return Candidate(logit: logit, token: TokenID(token))
    }

    /// One pass for the total, one up to the token drawn: no sorting.
    private func drawFromAll(_ logits: Span<Float>, best: Candidate, unit: Double) -> TokenID {
        var total = 0.0
        for index in logits.indices { total += weight(logits[index], best.logit) }
        var left = unit * total
        for index in logits.indices {
            left -= weight(logits[index], best.logit)
            if left < 0 { return TokenID(index) }
        }
        return best.token
    }

    /// What top-k, min-p and top-p leave; the most likely first where top-p needs that order.
    private func candidates(_ logits: Span<Float>, best: Candidate) -> [Candidate] {
        var kept: [Candidate]
        if parameters.topK > 0 {
            kept = largest(parameters.topK, of: logits)
            let minimum = Double(parameters.minP)
            kept.removeAll { weight($0.logit, best.logit) < minimum }
        } else if parameters.minP > 0 {
            kept = above(best.logit + parameters.temperature * log(parameters.minP), logits)
            if parameters.topP < 1 { kept.sort(by: >) }
        } else {
            kept = head(logits, best: best)
        }
        return kept.isEmpty ? [best] : withinTopP(kept, largest: best.logit)
    }

    /// The `count` largest, in falling order, by a heap of that size.
    private func largest(_ count: Int, of logits: Span<Float>) -> [Candidate] {
        var heap = Heap<Candidate>()
        for index in logits.indices {
            let candidate = Candidate(logit: logits[index], token: TokenID(index))
            if heap.count < count {
                heap.insert(candidate)
            } else if let smallest = heap.min, smallest < candidate {
                heap.replaceMin(with: candidate)
            }
        }
        return heap.unordered.sorted(by: >)
    }

    /// All tokens whose logit is at least `minimum`, in the vocabulary's order.
    private func above(_ minimum: Float, _ logits: Span<Float>) -> [Candidate] {
        var kept: [Candidate] = []
        for index in logits.indices where logits[index] >= minimum {
            kept.append(Candidate(logit: logits[index], token: TokenID(index)))
        }
        return kept
    }

    /// The tokens that hold the mass top-p asks for, in falling order. Sorting a whole vocabulary takes milliseconds, so first
    /// only what is within e^-16 of the most likely; all of it where that is not enough.
    private func head(_ logits: Span<Float>, best: Candidate) -> [Candidate] {
        var kept = above(best.logit - 16 * parameters.temperature, logits)
        var total = 0.0
        for index in logits.indices { total += weight(logits[index], best.logit) }
        let mass = kept.reduce(0) { $0 + weight($1.logit, best.logit) }
        if mass < Double(parameters.topP) * total { kept = above(-.infinity, logits) }
        return kept.sorted(by: >)
    }

    /// The shortest head of `kept` that holds the mass `topP` of it; at least one token.
    private func withinTopP(_ kept: [Candidate], largest: Float) -> [Candidate] {
        guard parameters.topP < 1 else { return kept }
        let enough = Double(parameters.topP) * kept.reduce(0) { $0 + weight($1.logit, largest) }
        var mass = 0.0
        for (index, candidate) in kept.enumerated() {
            mass += weight(candidate.logit, largest)
            if mass >= enough { return Array(kept[...index]) }
        }
        return kept
    }

    private func draw(from kept: [Candidate], largest: Float, unit: Double) -> TokenID {
        var left = unit * kept.reduce(0) { $0 + weight($1.logit, largest) }
        for candidate in kept {
            left -= weight(candidate.logit, largest)
            if left < 0 { return candidate.token }
        }
        return kept[kept.count - 1].token
    }

    /// Probability relative to the most likely token; none for what is no number.
    private func weight(_ logit: Float, _ largest: Float) -> Double {
        logit.isNaN ? 0 : exp(Double((logit - largest) / parameters.temperature))
    }
}
