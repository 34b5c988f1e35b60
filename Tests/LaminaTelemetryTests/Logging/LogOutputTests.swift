import Glibc
import Testing

@testable import LaminaTelemetry

struct LogOutputTests {
    @Test func `Lines of many threads do not mix`() async throws {
        let pipe = try Pipe()
        let output = LogOutput(descriptor: pipe.writeEnd)
        await withTaskGroup(of: Void.self) { group in
            for writer in 0..<8 {
                group.addTask {
                    let letter = UInt8(ascii: "a") + UInt8(writer)
                    for _ in 0..<20 { output.writeLine([UInt8](repeating: letter, count: 300) + [UInt8(ascii: "\n")]) }
                }
            }
        }
        let lines = pipe.readAvailable().split(separator: "\n")
        #expect(lines.count == 160)
        #expect(lines.allSatisfy { $0.count == 300 && Set($0).count == 1 })
        #expect(output.droppedLines == 0)
    }

    @Test func `Drops lines that find no room instead of waiting for ever, then goes on`() throws {
        let pipe = try Pipe()
        try pipe.fill()
        let output = LogOutput(descriptor: pipe.writeEnd, timeout: .milliseconds(1))
        for _ in 0..<100 { output.writeLine(Array("lost\n".utf8)) }
        #expect(output.droppedLines == 100)
        _ = pipe.readAvailable()
        output.writeLine(Array("seen\n".utf8))
        #expect(pipe.readAvailable() == "seen\n")
        #expect(output.droppedLines == 100)
    }

    @Test func `Ends a broken line before the next one`() throws {
        let pipe = try Pipe()
        let output = LogOutput(descriptor: pipe.writeEnd, timeout: .milliseconds(1))
        // A pipe holds 64 KiB: this line does not fit.
        output.writeLine([UInt8](repeating: UInt8(ascii: "y"), count: 200_000) + [UInt8(ascii: "\n")])
        #expect(output.droppedLines == 1)
        let broken = pipe.readAvailable()
        #expect(!broken.isEmpty && broken.allSatisfy { $0 == "y" })
        output.writeLine(Array("next\n".utf8))
        #expect(pipe.readAvailable() == "\nnext\n")
    }

    @Test func `Drops lines for a descriptor that is not open`() {
        let output = LogOutput(descriptor: -1, timeout: .milliseconds(1))
        output.writeLine(Array("lost\n".utf8))
        #expect(output.droppedLines == 1)
    }
}
