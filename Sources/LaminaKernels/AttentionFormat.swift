// The products of attention with one block of keys or values, for each way these are kept.
internal import CSimd

/// Query rows of a tile, prepared for a format's products. Scratch memory of one task.
struct QueryRows {
    /// [rows, dimension]
    let values: UnsafeMutablePointer<Float>
    /// [rows, dimension]; used by int8 products.
    let quantized: UnsafeMutablePointer<Int8>
    /// [rows, dimension / 32]; used by int8 products.
    let scales: UnsafeMutablePointer<Float>
    let dimension: Int
}

/// A way keys and values are kept in a block of 16 tokens. Every product adds up a row in an order that does not depend on
/// `count`.
protocol AttentionFormat {
    /// Puts the first `count` query rows into the form `scores` takes.
    static func prepare(_ queries: QueryRows, count: Int)
    /// Products of query rows `row..<row + count` with the keys of tokens 0..<8 and 8..<16. Fetches as many bytes from `ahead`,
    /// bit by bit: a burst would keep the loads at hand waiting.
    static func scores<let count: Int>(
        _ queries: QueryRows, row: Int, keys: UnsafeRawPointer, ahead: UnsafeRawPointer?
    ) -> (low: InlineArray<count, SIMD8<Float>>, high: InlineArray<count, SIMD8<Float>>)
    /// output = output · correction + Σ weight · value over the first `valid` tokens, for `count` rows.
    /// `weights` [count][16] may be overwritten; `output` [count][dimension]. Fetches from `ahead` as `scores` does.
    static func accumulate<let count: Int>(
        _ values: UnsafeRawPointer, valid: Int, ahead: UnsafeRawPointer?, weights: UnsafeMutablePointer<Float>,
        corrections: InlineArray<count, Float>, output: UnsafeMutablePointer<Float>, dimension: Int)
    /// Stores one token's keys and values [dimension] of a head at place `slot`.
    static func store(
        _ key: UnsafePointer<Float>, _ value: UnsafePointer<Float>, _ dimension: Int, _ slot: Int,
        _ keys: UnsafeMutableRawPointer, _ values: UnsafeMutableRawPointer)
}

/// Half-precision keys [dimension][16] and values [16][dimension].
enum HalfAttention: AttentionFormat {
    @inline(always) static func prepare(_: QueryRows, count _: Int) {}

    @inline(always)
    static func scores<let count: Int>(
        _ queries: QueryRows, row: Int, keys: UnsafeRawPointer, ahead: UnsafeRawPointer?
    ) -> (low: InlineArray<count, SIMD8<Float>>, high: InlineArray<count, SIMD8<Float>>) {
        let dimension = queries.dimension
        let query = UnsafePointer(queries.values + row &* dimension)
        var low = InlineArray<count, SIMD8<Float>>(repeating: simd_splat(0))
        var high = InlineArray<count, SIMD8<Float>>(repeating: simd_splat(0))
        for d in 0..<dimension {
            if d & 15 == 0, let ahead { simd_prefetch_lines(ahead + 32 &* d, 512) }
            let (k0, k1) = (simd_load_f16(keys + 32 &* d), simd_load_f16(keys + (32 &* d &+ 16)))
            for i in 0..<count {
                let q = simd_splat(query[i &* dimension &+ d])
                low[i] = simd_fma(k0, q, low[i])
                high[i] = simd_fma(k1, q, high[i])
            }
        }
        return (low, high)
    }

    @inline(always)
    static func accumulate<let count: Int>(
        _ values: UnsafeRawPointer, valid: Int, ahead: UnsafeRawPointer?, weights: UnsafeMutablePointer<Float>,
        corrections: InlineArray<count, Float>, output: UnsafeMutablePointer<Float>, dimension: Int
    ) {
        var d = 0
        while d &+ 16 <= dimension {
            if let ahead { simd_prefetch_lines(ahead + 32 &* d, 512) }
            var sums = OutputSums<count>(output + d, dimension, corrections)
            for token in 0..<valid {
                let row = values + 2 &* (token &* dimension &+ d)
                sums.add(simd_load_f16(row), simd_load_f16(row + 16), weights + token)
            }
            sums.store(output + d, dimension)
            d &+= 16
        }
        guard d < dimension else { return }
        for i in 0..<count {
            let at = output + (i &* dimension &+ d)
            var sum = simd_load(at) * simd_splat(corrections[i])
            for token in 0..<valid {
                let value = simd_load_f16(values + 2 &* (token &* dimension &+ d))
                sum = simd_fma(value, simd_splat(weights[16 &* i &+ token]), sum)
            }
            simd_store(at, sum)
        }
    }

    static func store(
        _ key: UnsafePointer<Float>, _ value: UnsafePointer<Float>, _ dimension: Int, _ slot: Int,
        _ keys: UnsafeMutableRawPointer, _ values: UnsafeMutableRawPointer
    ) {
        let halves = keys.assumingMemoryBound(to: Float16.self)
        for d in 0..<dimension { halves[d &* KVCache.blockSize &+ slot] = Float16(key[d]) }
        let row = values + 2 &* slot &* dimension
        var d = 0
        while d < dimension {
            simd_store_f16(row + 2 &* d, simd_load(value + d))
            d &+= 8
        }
    }
}

/// int8 keys and values with scales per token and 32 dimensions. Queries are quantized alike, so that scores are int8
/// products (as llama.cpp and SageAttention, Zhang et al. 2024, do).
enum Int8Attention: AttentionFormat {
    /// 16 scales and 32 dimensions of 16 tokens.
    static let groupBytes = 544

    @inline(always)
    static func prepare(_ queries: QueryRows, count: Int) {
        let groups = queries.dimension / 32
        for group in 0..<(count &* groups) {
            let q = Quantization.int8(queries.values + 32 &* group, into: queries.quantized + 32 &* group)
            queries.scales[group] = q.scale
        }
    }

    @inline(always)
    static func scores<let count: Int>(
        _ queries: QueryRows, row: Int, keys: UnsafeRawPointer, ahead: UnsafeRawPointer?
    ) -> (low: InlineArray<count, SIMD8<Float>>, high: InlineArray<count, SIMD8<Float>>) {
        let dimension = queries.dimension
        let groups = dimension / 32
        let query = UnsafeRawPointer(queries.quantized + row &* dimension)
        let scales = queries.scales + row &* groups
        var low = InlineArray<count, SIMD8<Float>>(repeating: simd_splat(0))
        var high = InlineArray<count, SIMD8<Float>>(repeating: simd_splat(0))
        for group in 0..<groups {
            let from = keys + group &* groupBytes
            if let ahead { simd_prefetch_lines(ahead + group &* groupBytes, Int32(truncatingIfNeeded: groupBytes)) }
            var (dots0, dots1) = (
                InlineArray<count, SIMD8<Int32>>(repeating: SIMD8()),
                InlineArray<count, SIMD8<Int32>>(repeating: SIMD8())
            )
            for step in 0..<8 {
                let k0 = simd_load_int8(from + (32 &+ 64 &* step))
                let k1 = simd_load_int8(from + (64 &+ 64 &* step))
                for i in 0..<count {
                    let q = simd_splat4(query + (i &* dimension &+ 32 &* group &+ 4 &* step))
                    dots0[i] = simd_dot4(dots0[i], k0, q)
                    dots1[i] = simd_dot4(dots1[i], k1, q)
                }
            }
            let (scale0, scale1) = (simd_load_f16(from), simd_load_f16(from + 16))
            for i in 0..<count {
                let scale = simd_splat(scales[i &* groups &+ group])
                low[i] = simd_fma(simd_to_f32(dots0[i]), scale0 * scale, low[i])
                high[i] = simd_fma(simd_to_f32(dots1[i]), scale1 * scale, high[i])
            }
        }
        return (low, high)
    }

    @inline(always)
    static func accumulate<let count: Int>(
        _ values: UnsafeRawPointer, valid: Int, ahead: UnsafeRawPointer?, weights: UnsafeMutablePointer<Float>,
        corrections: InlineArray<count, Float>, output: UnsafeMutablePointer<Float>, dimension: Int
    ) {
        // [count][16]: weights times the scales of a group.
        withUnsafeTemporaryAllocation(of: Float.self, capacity: 16 &* count) { scratch in
            guard let scaled = scratch.baseAddress else { return }
            for group in 0..<(dimension / 32) {
                let from = values + group &* groupBytes
                if let ahead { simd_prefetch_lines(ahead + group &* groupBytes, Int32(truncatingIfNeeded: groupBytes)) }
                let (scale0, scale1) = (simd_load_f16(from), simd_load_f16(from + 16))
                for i in 0..<count {
                    simd_store(scaled + 16 &* i, simd_load(weights + 16 &* i) * scale0)
                    simd_store(scaled + (16 &* i &+ 8), simd_load(weights + (16 &* i &+ 8)) * scale1)
                }
                for half in 0..<2 {
                    let at = output + (32 &* group &+ 16 &* half)
                    var sums = OutputSums<count>(at, dimension, corrections)
                    for token in 0..<valid {
                        let row = from + (32 &+ 32 &* token &+ 16 &* half)
                        sums.add(simd_load_i8(row), simd_load_i8(row + 8), scaled + token)
                    }
                    sums.store(at, dimension)
                }
            }
        }
    }

    static func store(
        _ key: UnsafePointer<Float>, _ value: UnsafePointer<Float>, _ dimension: Int, _ slot: Int,
        _ keys: UnsafeMutableRawPointer, _ values: UnsafeMutableRawPointer
    ) {
        withUnsafeTemporaryAllocation(of: Int8.self, capacity: 32) { scratch in
            guard let quantized = scratch.baseAddress else { return }
            for group in 0..<(dimension / 32) {
                let (k, v) = (keys + group &* groupBytes, values + group &* groupBytes)
                let keyScale = Quantization.halfScaledInt8(key + 32 &* group, into: quantized)
                k.storeBytes(of: keyScale, toByteOffset: 2 &* slot, as: Float16.self)
                for step in 0..<8 {
                    let four = UnsafeRawPointer(quantized).loadUnaligned(fromByteOffset: 4 &* step, as: UInt32.self)
                    k.storeBytes(of: four, toByteOffset: 32 &+ 64 &* step &+ 4 &* slot, as: UInt32.self)
                }
                let row = (v + (32 &+ 32 &* slot)).assumingMemoryBound(to: Int8.self)
                let valueScale = Quantization.halfScaledInt8(value + 32 &* group, into: row)
                v.storeBytes(of: valueScale, toByteOffset: 2 &* slot, as: Float16.self)
            }
        }
    }
}

/// Running sums of 16 output dimensions of `count` rows.
private struct OutputSums<let count: Int> {
    private var low: InlineArray<count, SIMD8<Float>>
    private var high: InlineArray<count, SIMD8<Float>>

    @inline(always)
    init(_ output: UnsafePointer<Float>, _ stride: Int, _ corrections: InlineArray<count, Float>) {
        low = InlineArray(repeating: simd_splat(0))
        high = InlineArray(repeating: simd_splat(0))
        for i in 0..<count {
            let at = output + i &* stride
            low[i] = simd_load(at) * simd_splat(corrections[i])
            high[i] = simd_load(at + 8) * simd_splat(corrections[i])
        }
    }

    /// Adds a token's values times the rows' weights, which lie 16 floats apart.
    @inline(always)
    mutating func add(_ v0: SIMD8<Float>, _ v1: SIMD8<Float>, _ weights: UnsafePointer<Float>) {
        for i in 0..<count {
            let weight = simd_splat(weights[16 &* i])
            low[i] = simd_fma(v0, weight, low[i])
            high[i] = simd_fma(v1, weight, high[i])
        }
    }

    @inline(always)
    func store(_ output: UnsafeMutablePointer<Float>, _ stride: Int) {
        for i in 0..<count {
            simd_store(output + i &* stride, low[i])
            simd_store(output + (i &* stride &+ 8), high[i])
        }
    }
}
