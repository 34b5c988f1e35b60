// The instruction set this binary's kernels were compiled for, and the check that the processor has it.
internal import CSimd

/// The instruction set of this build's kernels: one per binary (docs/decisions/0001).
package enum InstructionSet {
    /// Name as users and dashboards read it: `x86-64-v3` or `arm64+dotprod`.
    package static var name: String {
        #if arch(arm64)
            "arm64+dotprod"
        #else
            "x86-64-v3"
        #endif
    }

    /// Whether this processor has the instructions; without them the first kernel would end in SIGILL.
    package static var isAvailable: Bool { cpu_runs_kernels() != 0 }
}
