import Testing

@testable import LaminaServer

struct StopStringMatcherTests {
    /// Everything let out, and whether a stop string was found.
    private func run(_ stops: [String], _ pieces: [String]) -> (text: String, isStopped: Bool) {
        var matcher = StopStringMatcher(stops)
        var text = ""
        for piece in pieces {
            let advance = matcher.append(piece)
            text += advance.text
            if advance.isStopped { return (text, true) }
        }
        return (text + matcher.finish(), false)
    }

    @Test func `Cuts the text before the stop string however it arrives`() {
        let text = "one two STOP three"
        for size in 1...text.count {
            let pieces = stride(from: 0, to: text.count, by: size).map { start in
                String(text.dropFirst(start).prefix(size))
            }
            #expect(run(["STOP"], pieces) == ("one two ", true), "pieces of \(size)")
        }
    }

    @Test func `The stop string that is complete first wins, of two at once the longer`() {
        #expect(run(["b", "a"], ["xxab"]) == ("xx", true))
        #expect(run(["abc", "ab"], ["xab", "c"]) == ("x", true))
        #expect(run(["b", "ab"], ["xab"]) == ("x", true))
    }

    @Test func `Agrees with a plain search over random texts of few letters`() {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<2000 {
            func word(_ lengths: ClosedRange<Int>) -> String {
                String(
                    (0..<Int.random(in: lengths, using: &random)).map { _ in "ab".randomElement(using: &random) ?? "a" }
                )
            }
            let (stop, text) = (word(1...4), word(0...20))
            let pieces = text.map(String.init)
            let expected = text.firstRange(of: stop).map { (String(text[..<$0.lowerBound]), true) } ?? (text, false)
            #expect(run([stop], pieces) == expected, "\(stop) in \(text)")
        }
    }

    @Test func `Text that only began like a stop string comes out in the end`() {
        #expect(run(["<|end|>"], ["a<|e", "nd of it"]) == ("a<|end of it", false))
        #expect(run(["<|end|>"], ["a<|en"]) == ("a<|en", false))
    }

    @Test func `Overlapping beginnings are found`() {
        #expect(run(["aab"], ["a", "a", "a", "b", "c"]) == ("a", true))
        #expect(run(["\n\n"], ["x\n", "y\n", "\n", "z"]) == ("x\ny", true))
    }

    @Test func `Never lets out half a stop string, nor half a character`() {
        var matcher = StopStringMatcher(["né!"])
        #expect(matcher.append("un") == .init(text: "u", isStopped: false))
        #expect(matcher.append("é") == .init(text: "", isStopped: false))
        #expect(matcher.append("e") == .init(text: "née", isStopped: false))
    }

    @Test func `Without stop strings text passes unchanged`() {
        #expect(run([], ["a", "", "b"]) == ("ab", false))
        #expect(run([""], ["a"]) == ("a", false))
    }

    @Test func `Compares bytes, not looks`() {
        // "é" as one scalar and as two are equal Swift strings, but not the same text to a tokenizer.
        #expect(run(["e\u{301}"], ["caf\u{E9}"]) == ("caf\u{E9}", false))
    }
}
