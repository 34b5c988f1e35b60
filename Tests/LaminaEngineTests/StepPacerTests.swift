import Testing

@testable import LaminaEngine

struct StepPacerTests {
    @Test func `Chunks shrink until a step fits, and grow again`() {
        var pacer = StepPacer(target: .milliseconds(250), maximumStepTokens: 256)
        // 10 ms a token, and 100 ms for the streams beside it: 15 tokens would fit, and 16 are the least.
        for _ in 0..<20 {
            let tokens = pacer.allowance.besideDecodes
            pacer.observe(promptTokens: tokens, duration: .milliseconds(100 + 10 * tokens))
        }
        #expect(pacer.allowance == .init(besideDecodes: 16, alone: 64))
        for _ in 0..<20 {
            let tokens = pacer.allowance.besideDecodes
            pacer.observe(promptTokens: tokens, duration: .milliseconds(50 + tokens))
        }
        #expect((199...200).contains(pacer.allowance.besideDecodes) && pacer.allowance.alone == 256)
    }

    @Test func `A prompt computed alone tells how much fits beside streams`() {
        var pacer = StepPacer(target: .milliseconds(250), maximumStepTokens: 256)
        pacer.observe(promptTokens: 128, duration: .milliseconds(1280))
        #expect(pacer.allowance == .init(besideDecodes: 25, alone: 100))
    }

    @Test func `Small chunks say nothing where they were fast, and much where they were slow`() {
        var pacer = StepPacer(target: .milliseconds(250), maximumStepTokens: 256)
        pacer.observe(promptTokens: 5, duration: .milliseconds(1))
        #expect(pacer.allowance.besideDecodes == 32)
        pacer.observe(promptTokens: 5, duration: .milliseconds(60))
        #expect(pacer.allowance.besideDecodes == 32)
        pacer.observe(promptTokens: 20, duration: .milliseconds(260))
        #expect(pacer.allowance.besideDecodes == 19)
        pacer.observe(promptTokens: 0, duration: .seconds(9))
        #expect(pacer.allowance.besideDecodes == 19)
    }

    @Test func `Never exceeds the step, and never stops`() {
        var pacer = StepPacer(target: .milliseconds(250), maximumStepTokens: 256)
        for _ in 0..<20 { pacer.observe(promptTokens: 256, duration: .microseconds(1)) }
        #expect(pacer.allowance == .init(besideDecodes: 256, alone: 256))
        for _ in 0..<5 { pacer.observe(promptTokens: 256, duration: .seconds(1000)) }
        #expect(pacer.allowance == .init(besideDecodes: 16, alone: 64))
    }
}
