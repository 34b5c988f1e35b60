import CMemoryFile
import Glibc
import LaminaModel

/// Model files: header, report, configuration, vocabulary and chat template, read from a file that lies in memory.
enum GGUFTarget {
    private static let descriptor = lamina_memory_file()

    static func check(_ bytes: [UInt8]) {
        guard !bytes.isEmpty, replaceContent(with: bytes) else { return }
        let path = "/proc/self/fd/\(descriptor)"
        guard let file = try? GGUFFile(path: path) else { return }
        for tensor in file.tensors {
            file.withBytes(of: tensor) { data in
                expect(data.count == tensor.byteCount, "\(tensor.name) has \(data.count) bytes")
                // The address sanitizer and the end of the mapping watch these.
                if let first = data.first, let last = data.last { _ = first &+ last }
            }
        }
        let report = GGUFReport(file)
        expect(!report.text.isEmpty && !report.json.isEmpty, "an empty report")
        if let vocabulary = try? TokenizerVocabulary(file), let tokenizer = try? Tokenizer(vocabulary) {
            let tokens = tokenizer.encode("a ab <s>\u{E9}\u{0}", parsing: .everywhere, addingBeginningAndEnd: true)
            expect(tokens.allSatisfy(tokenizer.contains), "\(tokens) of \(tokenizer.count)")
            _ = tokenizer.decode(tokens, includingSpecialTokens: true)
        }
        _ = try? ModelFile(path: path)
    }

    private static func replaceContent(with bytes: [UInt8]) -> Bool {
        ftruncate(descriptor, 0) == 0 && pwrite(descriptor, bytes, bytes.count, 0) == bytes.count
    }
}
