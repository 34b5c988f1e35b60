import Testing

@testable import LaminaServer

struct APIKeyListTests {
    private static let file = APIKeyList.Source.file(path: "/keys")
    private static let environment = APIKeyList.Source.environment(variable: "LAMINA_API_KEYS")
    /// What `printf secret-2 | sha256sum` prints.
    private static let digest = "f4b6bb6548129dacf11c1a9c4dffffefd4aa6b21fcf4e9754cc03b731cbe7c25"

    private static func keys(_ text: String, from source: APIKeyList.Source = file) throws -> APIKeySet {
        APIKeySet(try APIKeyList(parsing: text, from: source).entries)
    }

    @Test func `Reads keys, names, digests, comments and empty lines`() throws {
        let keys = try Self.keys(
            """
            # the keys of July
            secret-1

              alice : secret+/3==\u{20}
            bob:sha256:\(Self.digest)\r
            secret-4
            """)
        #expect(keys.count == 4)
        let expected = [
            ("secret-1", "key-1"), ("secret+/3==", "alice"), ("secret-2", "bob"), ("secret-4", "key-2"),
            ("secret-5", nil),
            (Self.digest, nil), ("sha256:\(Self.digest)", nil), ("alice", nil), ("secret-", nil), ("secret-11", nil),
            ("", nil),
            (String(repeating: "s", count: 513), nil),
        ]
        for (key, name) in expected { #expect(keys.name(ofKey: key.utf8) == name, "\(key)") }
    }

    @Test func `Takes a digest without a name, in capitals too`() throws {
        #expect(try Self.keys("sha256:\(Self.digest.uppercased())").name(ofKey: "secret-2".utf8) == "key-1")
    }

    @Test func `The environment separates by commas as well`() throws {
        let keys = try Self.keys("secret-1, alice:secret-2\nsecret-3,", from: Self.environment)
        #expect(keys.count == 3)
        #expect(keys.name(ofKey: "secret-2".utf8) == "alice")
        #expect(keys.name(ofKey: "secret-3".utf8) == "environment-key-2")
    }

    @Test func `Several keys may share a name`() throws {
        let keys = try Self.keys("alice:old-one\nalice:new-one")
        #expect(keys.name(ofKey: "old-one".utf8) == "alice" && keys.name(ofKey: "new-one".utf8) == "alice")
    }

    @Test(arguments: [
        ("secret 1", APIKeyError.Fault.key), ("alice:", .key), ("alice:b:c", .key), ("schlüssel", .key),
        ("sha256:abc", .digest), ("alice:sha256:\(digest)0", .digest),
        ("sha256:\(String(repeating: "g", count: 64))", .digest),
        (":secret", .name), ("al ice:secret", .name), ("\(String(repeating: "n", count: 65)):secret", .name),
        (String(repeating: "s", count: 513), .key), ("alice:secret-0", .repeated(firstLine: 1)),
        (
            "sha256:\(String(repeating: "a", count: 64))\nsha256:\(String(repeating: "A", count: 64))",
            .repeated(firstLine: 3)
        ),
    ]) func `Names the line that is wrong, and never quotes it`(_ line: String, _ fault: APIKeyError.Fault) throws {
        let text = "secret-0\n# comment\n" + line
        let count = text.split(separator: "\n").count
        #expect(throws: APIKeyError.malformed(Self.file, line: count, fault)) { try Self.keys(text) }
        let message = "\(APIKeyError.malformed(Self.file, line: count, fault))"
        #expect(
            message.hasPrefix("/keys, line \(count): ") && !message.contains("secret") && !message.contains("alice"))
    }

    @Test func `A list without keys is a mistake, not an open door`() {
        #expect(throws: APIKeyError.noKeys(Self.file)) { try Self.keys("# nothing\n\n") }
        #expect(throws: APIKeyError.noKeys(Self.environment)) { try Self.keys("", from: Self.environment) }
    }

    @Test func `Takes no more than the limit`() throws {
        let lines = (0..<APIKeyLimits.keys).map { "secret-\($0)" }.joined(separator: "\n")
        #expect(try Self.keys(lines).name(ofKey: "secret-4095".utf8) == "key-4096")
        #expect(throws: APIKeyError.malformed(Self.file, line: 4097, .tooMany)) { try Self.keys(lines + "\nmore") }
    }
}
