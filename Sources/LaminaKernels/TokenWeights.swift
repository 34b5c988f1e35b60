// Logits as the weights of a random choice, in place, in a few passes over the vocabulary. Nothing is sorted: what a filter keeps is
// everything above a threshold, and a threshold is found by histograms over the bits of the weights, ten at a time from the
// top. The bits of non-negative floats have the order of their values.
internal import CSimd

/// The steps from logits to a token. A weight is a token's probability relative to the most likely one; 0 is never drawn.
package enum TokenWeights {
    private static var chunk: Int { 512 }
    private static var buckets: Int { 1024 }

    /// The largest logit and the first token that has it; -∞ where no logit is larger.
    package static func largest(_ logits: Span<Float>) -> (token: Int, logit: Float) {
        logits.withUnsafeBufferPointer { logits in
            guard let base = logits.baseAddress else { return (0, -.infinity) }
            var (m0, m1) = (simd_splat(-.infinity), simd_splat(-.infinity))
            var i = 0
            while i &+ 16 <= logits.count {
                // Comparisons, not maxima: what is no number is passed over on every processor.
                let (a, b) = (simd_load(base + i), simd_load(base + (i &+ 8)))
                m0.replace(with: a, where: a .> m0)
                m1.replace(with: b, where: b .> m1)
                i &+= 16
            }
            var logit = simd_maximum(simd_max(m0, m1))
            while i < logits.count {
                if base[i] > logit { logit = base[i] }
                i &+= 1
            }
            var token = 0
            while token < logits.count, base[token] != logit { token &+= 1 }
            return (token < logits.count ? token : 0, logit)
        }
    }

    /// Replaces each logit by exp((logit - largest) / temperature); by 0 what is no number or less likely than e^-87.
    package static func exponentiate(_ logits: inout MutableSpan<Float>, largest: Float, temperature: Float) {
        logits.withUnsafeMutableBufferPointer { logits in
            guard let base = logits.baseAddress else { return }
            let (largest, scale) = (simd_splat(largest), simd_splat(1 / temperature))
            var i = 0
            while i &+ 8 <= logits.count {
                simd_store(base + i, weight(simd_load(base + i), largest, scale))
                i &+= 8
            }
            guard i < logits.count else { return }
            // The tail goes through the same vector arithmetic, so that a value does not depend on its position.
            var tail = SIMD8<Float>(repeating: -.infinity)
            for lane in 0..<(logits.count &- i) { tail[lane] = base[i &+ lane] }
            tail = weight(tail, largest, scale)
            for lane in 0..<(logits.count &- i) { base[i &+ lane] = tail[lane] }
        }
    }

    /// Keeps the `count` largest weights; of equal ones the first.
    package static func keepLargest(_ count: Int, of weights: inout MutableSpan<Float>) {
        weights.withUnsafeMutableBufferPointer { weights in
            keep(Double(count), of: weights) { _ in 1 }
        }
    }

    /// Keeps the weights that are at least `minimum`.
    package static func keep(atLeast minimum: Float, of weights: inout MutableSpan<Float>) {
        weights.withUnsafeMutableBufferPointer { weights in
            for i in weights.indices where weights[i] < minimum { weights[i] = 0 }
        }
    }

    /// Keeps as many of the largest weights as hold `share` of their sum; of equal ones the first; one at least.
    package static func keepMass(_ share: Double, of weights: inout MutableSpan<Float>) {
        weights.withUnsafeMutableBufferPointer { weights in
            var total = 0.0
            for weight in weights { total += Double(weight) }
            keep(share * total, of: weights) { Double($0) }
        }
    }

    /// The token at `unit`, 0..<1, of the sum of all weights in the order of the vocabulary; nil where all are 0.
    package static func draw(_ unit: Double, from weights: Span<Float>) -> Int? {
        weights.withUnsafeBufferPointer { weights in
            let chunks = (weights.count + chunk - 1) / chunk
            return withUnsafeTemporaryAllocation(of: Double.self, capacity: max(1, chunks)) { sums in
                var total = 0.0
                for index in 0..<chunks {
                    sums[index] = sum(weights[(index * chunk)..<min((index + 1) * chunk, weights.count)])
                    total += sums[index]
                }
                var left = unit * total
                var last: Int?
                for index in 0..<chunks where sums[index] > 0 {
                    last = index
                    if left < sums[index] { break }
                    left -= sums[index]
                }
                return last.flatMap { draw(left, from: weights, $0 * chunk) }
            }
        }
    }

    // MARK: Passes

    @inline(always)
    private static func weight(
        _ logit: SIMD8<Float>, _ largest: SIMD8<Float>, _ scale: SIMD8<Float>
    ) -> SIMD8<Float> {
        let x = (logit - largest) * scale
        var weight = simd_splat(0)
        weight.replace(with: VectorMath.exp(x), where: x .>= simd_splat(-87))
        return weight
    }

    /// Sets to 0 all but the largest weights that together measure `amount`; of those at the threshold the first stay.
    @inline(always)
    private static func keep(
        _ amount: Double, of weights: UnsafeMutableBufferPointer<Float>, measure: (Float) -> Double
    ) {
        var needed = amount
        let threshold = withUnsafeTemporaryAllocation(of: Double.self, capacity: buckets) { sums in
            var prefix: UInt32 = 0
            for shift: UInt32 in [20, 10, 0] {
                sums.update(repeating: 0)
                for weight in weights {
                    let bits = weight.bitPattern
                    guard bits != 0, shift == 20 || bits &>> (shift &+ 10) == prefix else { continue }
                    sums[Int((bits &>> shift) & 1023)] += measure(weight)
                }
                var bucket = buckets - 1
                while bucket > 0, sums[bucket] < needed {
                    needed -= sums[bucket]
                    bucket -= 1
                }
                prefix = prefix &<< 10 | UInt32(truncatingIfNeeded: bucket)
            }
            return prefix
        }
        var equals = max(
            1, Int((needed / max(measure(Float(bitPattern: threshold)), .leastNormalMagnitude)).rounded(.up)))
        for i in weights.indices {
            let bits = weights[i].bitPattern
            guard bits <= threshold else { continue }
            if bits == threshold, equals > 0 { equals -= 1 } else { weights[i] = 0 }
        }
    }

    @inline(always)
    private static func sum(_ weights: Slice<UnsafeBufferPointer<Float>>) -> Double {
        weights.withContiguousStorageIfAvailable { weights in
            guard let base = weights.baseAddress else { return 0 }
            var lanes = simd_splat(0)
            var i = 0
            while i &+ 8 <= weights.count {
                lanes += simd_load(base + i)
                i &+= 8
            }
            var sum = Double(simd_sum(lanes))
            while i < weights.count {
                sum += Double(base[i])
                i &+= 1
            }
            return sum
        } ?? 0
    }

    /// The token of a chunk at which `left` is used up; the last one that can be drawn where rounding leaves a rest.
    private static func draw(_ left: Double, from weights: UnsafeBufferPointer<Float>, _ start: Int) -> Int? {
        var left = left
        var last: Int?
        for i in start..<min(start + chunk, weights.count) where weights[i] > 0 {
            last = i
            left -= Double(weights[i])
            if left < 0 { break }
        }
        return last
    }
}
