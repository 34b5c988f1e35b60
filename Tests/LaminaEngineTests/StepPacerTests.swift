import Testing

@testable import LaminaEngine

struct StepPacerTests {
    /// A machine on which a step takes so long: its streams, and each prompt token.
    private struct Machine {
        var streams: Duration
        var token: Duration
    }

    /// Lets the pacer run `steps` steps with prompts without end beside streams; returns the longest step after the first `settling`.
    @discardableResult
    private func run(
        _ pacer: inout StepPacer, _ machine: Machine, steps: Int = 40, settling: Int = 0
    ) -> Duration {
        var longest = Duration.zero
        for step in 0..<steps {
            let tokens = pacer.allowance.besideDecodes
            let duration = machine.streams + machine.token * tokens
            pacer.observe(promptTokens: tokens, decodes: 8, duration: duration)
            if step >= settling { longest = max(longest, duration) }
        }
        return longest
    }

    /// A pacer that has seen a prompt computed alone on the machine.
    private func pacer(_ machine: Machine) -> StepPacer {
        var pacer = StepPacer(target: .milliseconds(250), maximumStepTokens: 256)
        pacer.observe(promptTokens: 128, decodes: 0, duration: machine.token * 128)
        return pacer
    }

    /// The chunk of the next step that has one.
    private func chunk(_ pacer: inout StepPacer, _ machine: Machine) -> Int {
        while pacer.allowance.besideDecodes == 0 { run(&pacer, machine, steps: 1) }
        return pacer.allowance.besideDecodes
    }

    @Test func `Chunks shrink until a step fits, and grow again`() {
        let slow = Machine(streams: .milliseconds(100), token: .milliseconds(5))
        let fast = Machine(streams: .milliseconds(50), token: .milliseconds(1))
        var pacer = pacer(fast)
        run(&pacer, slow)
        #expect((28...30).contains(chunk(&pacer, slow)))
        run(&pacer, fast)
        #expect((195...200).contains(chunk(&pacer, fast)) && pacer.allowance.alone == 256)
        // Once it has settled no step takes much longer than the target.
        #expect(run(&pacer, fast) <= .milliseconds(260))
    }

    @Test func `Streams that exceed the target leave prompts half of it, and more once they take less`() {
        let busy = Machine(streams: .milliseconds(400), token: .milliseconds(4))
        let calm = Machine(streams: .milliseconds(50), token: .milliseconds(4))
        var pacer = pacer(busy)
        run(&pacer, busy)
        #expect((29...32).contains(chunk(&pacer, busy)))
        run(&pacer, calm)
        #expect((47...51).contains(chunk(&pacer, calm)))
        // On the border: half of what the streams take.
        let full = Machine(streams: .milliseconds(200), token: .milliseconds(4))
        run(&pacer, full)
        #expect((24...26).contains(chunk(&pacer, full)))
    }

    @Test func `Beside prompts without end the streams are measured now and then`() {
        let machine = Machine(streams: .milliseconds(50), token: .milliseconds(4))
        var pacer = pacer(machine)
        var withoutPrompt = 0
        for _ in 0..<170 {
            if pacer.allowance.besideDecodes == 0 { withoutPrompt += 1 }
            run(&pacer, machine, steps: 1)
        }
        #expect((8...14).contains(withoutPrompt))
    }

    @Test func `A prompt computed alone tells how much fits beside streams`() {
        var pacer = StepPacer(target: .milliseconds(250), maximumStepTokens: 256)
        pacer.observe(promptTokens: 128, decodes: 0, duration: .milliseconds(1280))
        #expect(pacer.allowance == .init(besideDecodes: 25, alone: 100))
        pacer.observe(promptTokens: 0, decodes: 1, duration: .milliseconds(50))
        #expect(pacer.allowance == .init(besideDecodes: 20, alone: 100))
    }

    @Test func `A few tokens say little about many`() {
        let machine = Machine(streams: .milliseconds(50), token: .milliseconds(4))
        var pacer = pacer(machine)
        run(&pacer, machine)
        let settled = chunk(&pacer, machine)
        // The end of a prompt, of which the weights are the cost.
        pacer.observe(promptTokens: 1, decodes: 0, duration: .milliseconds(40))
        #expect(pacer.allowance.besideDecodes == settled)
        pacer.observe(promptTokens: 1, decodes: 8, duration: .milliseconds(90))
        #expect(pacer.allowance.besideDecodes >= settled * 9 / 10)
    }

    @Test func `A machine that stood still for seconds is forgotten within a few steps`() {
        let machine = Machine(streams: .milliseconds(50), token: .milliseconds(4))
        var pacer = pacer(machine)
        run(&pacer, machine)
        pacer.observe(promptTokens: 50, decodes: 8, duration: .seconds(9))
        pacer.observe(promptTokens: 0, decodes: 8, duration: .seconds(9))
        #expect(run(&pacer, machine, steps: 20) <= .milliseconds(330))
        #expect((42...51).contains(chunk(&pacer, machine)))
    }

    @Test func `Never exceeds the step, and never stops`() {
        var pacer = StepPacer(target: .milliseconds(250), maximumStepTokens: 256)
        #expect(pacer.allowance == .init(besideDecodes: 32, alone: 128))
        for _ in 0..<20 { pacer.observe(promptTokens: 256, decodes: 0, duration: .microseconds(1)) }
        #expect(pacer.allowance == .init(besideDecodes: 256, alone: 256))
        for _ in 0..<80 { pacer.observe(promptTokens: 256, decodes: 0, duration: .seconds(1000)) }
        #expect(pacer.allowance == .init(besideDecodes: 16, alone: 16))
    }
}
