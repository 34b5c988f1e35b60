import Glibc
import Testing
@testable import LaminaModel

/// The model files committed at the repository's root, and files that tests write.
enum ModelFiles {
    /// The path of a committed model file, e.g. `lamina-tiny-f16.gguf`.
    static func path(_ name: String) -> String {
        let root = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(4).joined(separator: "/")
        return "\(root)/models/\(name)"
    }

    /// Writes `bytes` to a temporary file, passes its path on, and removes it.
    static func withTemporaryFile<Result>(_ bytes: [UInt8], _ body: (String) throws -> Result) throws -> Result {
        var template = Array("/tmp/lamina-gguf-XXXXXX".utf8CString)
        let descriptor = mkstemp(&template)
        let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        try #require(descriptor >= 0)
        defer { unlink(path) }
        let written = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
        close(descriptor)
        try #require(written == bytes.count)
        return try body(path)
    }
}
