import LaminaJSON
import Testing

@testable import LaminaModel

struct GGUFReportTests {
    @Test func `Describes a small file exactly`() throws {
        var builder = GGUFBuilder()
        builder.add("general.name", .string("Tiny"))
        builder.add("llama.block_count", .uint32(1))
        builder.add("tokens", .array(.string(["<s>", "Ġa"])))
        builder.add("scores", .array(.float32((0..<1000).map { Float($0) })))
        builder.addTensor("embd", shape: [32, 4], type: .q8_0, byteCount: 136)
        builder.addTensor("norm.weight", shape: [32], type: .f32, byteCount: 128)
        try ModelFiles.withTemporaryFile(builder.bytes) { path in
            let report = GGUFReport(try GGUFFile(path: path)).text
            let expected = """
                File        \(path)
                Size        4.5 KiB (4576 bytes)
                Format      GGUF version 3, alignment 32
                Data        from byte 4288
                Parameters  160 in 2 tensors

                Metadata (4)
                  general.name       string     "Tiny"
                  llama.block_count  uint32     1
                  tokens             [string]   2: ["<s>", "Ġa"]
                  scores             [float32]  1000: [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0, …]

                Tensor types
                  type  tensors  parameters      bytes   share
                  F32         1          32  128 bytes  48.5 %
                  Q8_0        1         128  136 bytes  51.5 %

                Tensors (2)
                  name         type   shape  bytes  offset
                  embd         Q8_0  32 x 4    136    4288
                  norm.weight  F32       32    128    4448

                """
            #expect(report == expected)
        }
    }

    @Test func `Says which types cannot be loaded`() throws {
        var builder = GGUFBuilder()
        builder.addTensor("a", shape: [256], type: .q3_K, byteCount: 110)
        builder.addTensor("b", shape: [256], type: .q2_K, byteCount: 84)
        let report = try Self.report(builder)
        #expect(report.contains("Not loadable  tensors of type Q2_K, Q3_K are not supported\n"))
    }

    @Test func `Escapes what could steer a terminal and cuts what is long`() throws {
        var builder = GGUFBuilder()
        builder.add("k\u{1B}[2J", .string("a\"\n\u{202E}" + String(repeating: "x", count: 1000)))
        let report = try Self.report(builder)
        #expect(report.contains("k\\u{1b}[2J"))
        #expect(report.contains("\"a\\\"\\n\\u{202e}xxx"))
        #expect(report.contains("xxx…\""))
        let lines: [Substring] = report.split(separator: "\n")
        #expect(lines.allSatisfy { $0.count < 120 })
        #expect(!report.unicodeScalars.contains("\u{1B}"))
    }

    @Test(arguments: GGUFFileTests.names)
    func `Describes the committed models in 120 columns`(name: String) throws {
        let report = GGUFReport(try GGUFFile(path: ModelFiles.path(name))).text
        #expect(report.contains("Parameters  3.7 M in 38 tensors"))
        #expect(report.contains("  blk.0.ffn_gate.weight"))
        let lines: [Substring] = report.split(separator: "\n")
        #expect(lines.dropFirst().allSatisfy { $0.count <= 120 })
    }

    @Test func `Gives the same facts as JSON`() throws {
        var builder = GGUFBuilder()
        builder.add("name", .string("a\"\n"))
        builder.add("eps", .float32(1e-5))
        builder.add("big", .uint64(.max))
        builder.add("flag", .bool(true))
        builder.add("nan", .float64(.nan))
        builder.add("tokens", .array(.string((0..<100).map { "t\($0)" })))
        builder.add("nested", .array(.array([.int32([-1]), .bool([true])])))
        builder.addTensor("embd", shape: [256, 2], type: .q2_K, byteCount: 168)
        let json = try ModelFiles.withTemporaryFile(builder.bytes) { GGUFReport(try GGUFFile(path: $0)).json }
        let report = try JSONValue(parsing: json)
        #expect(report["version"] == .integer(3))
        #expect(report["bytes"] == .integer(Int64(builder.bytes.count)))
        #expect(report["parameters"] == .number(512))
        let metadata = try #require(report["metadata"])
        #expect(metadata.objectValue?.keys == ["name", "eps", "big", "flag", "nan", "tokens", "nested"])
        #expect(metadata["name"] == .string("a\"\n"))
        #expect(metadata["eps"] == .number(1e-5))
        #expect(metadata["big"]?.doubleValue == 0x1p64)
        #expect(metadata["flag"] == .bool(true))
        #expect(metadata["nan"] == .null)
        #expect(metadata["tokens"]?["count"] == .integer(100))
        #expect(metadata["tokens"]?["first"]?.arrayValue?.count == 16)
        #expect(metadata["nested"]?["first"]?.arrayValue?.first?["first"] == .array([.integer(-1)]))
        let tensor = try #require(report["tensors"]?.arrayValue?.first)
        #expect(tensor["type"] == .string("Q2_K"))
        #expect(tensor["supported"] == .bool(false))
        #expect(tensor["shape"] == .array([.integer(256), .integer(2)]))
    }

    private static func report(_ builder: GGUFBuilder) throws -> String {
        try ModelFiles.withTemporaryFile(builder.bytes) { GGUFReport(try GGUFFile(path: $0)).text }
    }
}
