// What this binary's kernels need of the processor, and how many processors there are.
internal import CSimd

/// The instruction set of this build's kernels: one per binary (docs/decisions/0001).
package enum InstructionSet {
    /// Name as users and dashboards read it: `x86-64-v3`, `x86-64-v4+vnni` or `arm64+dotprod`.
    package static var name: String { String(cString: cpu_kernels_name()) }

    /// Whether this processor has the instructions; without them the first kernel would end in SIGILL.
    package static var isAvailable: Bool { cpu_runs_kernels() != 0 }

    /// An instruction set of Package.swift that this processor has and this build does not use, nil where there is none.
    package static var better: String? { name == "x86-64-v3" && cpu_has_v4_vnni() != 0 ? "x86-64-v4" : nil }

    /// Processors the system lets this process use (its affinity mask), at least 1.
    package static var processorCount: Int { max(1, Int(cpu_affinity_count())) }
}
