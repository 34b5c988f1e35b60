import COpenSSL
import Testing

@testable import LaminaHTTP

struct TLSSessionTests {
    private let authority: TestAuthority
    private let server: TLSServerContext
    private let client: TLSClientContext

    init() throws {
        authority = try TestAuthority()
        server = try testServer(authority.server("localhost"))
        client = try testClient(authority)
    }

    @Test(arguments: [1, 2, 3, 7, 100, .max])
    func `Shakes hands in pieces of any size`(pieceBytes: Int) throws {
        let pair = try TLSPair(server: server, client: client)
        let steps = pair.handshake(pieceBytes: pieceBytes)
        #expect(steps.server == .done)
        #expect(steps.client == .done)
        let security = TLSSecurity(pair.server)
        #expect(security.version == "TLSv1.3")
        #expect(security.cipherSuite == "TLS_AES_128_GCM_SHA256")
        #expect(security.serverName == "localhost")
        #expect(security.applicationProtocol == "http/1.1")
        #expect(security.peer == nil)
    }

    @Test func `Reads what arrives byte by byte, and nothing before a record is whole`() throws {
        let pair = try TLSPair(server: server, client: client)
        _ = pair.handshake()
        try pair.client.write(Array("hello".utf8)[...])
        let record = pair.client.takeOutput()
        for byte in record.dropLast() {
            pair.server.receive([byte])
            #expect(pair.server.read() == .needsInput)
        }
        pair.server.receive([record[record.count - 1]])
        #expect(pair.server.read() == .bytes(Array("hello".utf8)))
        #expect(pair.server.read() == .needsInput)
    }

    @Test func `A small write is one record, a large one is full records`() throws {
        let pair = try TLSPair(server: server, client: client)
        _ = pair.handshake()
        try pair.server.write(Array("data: token\n\n".utf8)[...])
        #expect(Self.records(pair.server.takeOutput()) == 1)
        try pair.server.write([UInt8](repeating: 7, count: 40_000)[...])
        #expect(Self.records(pair.server.takeOutput()) == 3)
    }

    @Test func `Answers a key update between its own records`() throws {
        let pair = try TLSPair(server: server, client: client)
        _ = pair.handshake()
        pair.exchange()
        for round in 0..<5 {
            SSL_key_update(pair.client.handle, SSL_KEY_UPDATE_REQUESTED)
            try pair.client.write(Array("ping \(round)".utf8)[...])
            try pair.server.write(Array("before \(round)".utf8)[...])
            pair.server.receive(pair.client.takeOutput())
            #expect(pair.server.read() == .bytes(Array("ping \(round)".utf8)))
            // The answer to the update lies between these two, and both can be read.
            try pair.server.write(Array(" after".utf8)[...])
            pair.client.receive(pair.server.takeOutput())
            #expect(pair.client.read() == .bytes(Array("before \(round) after".utf8)))
        }
    }

    @Test func `An end that is announced is told from data, and the other direction goes on`() throws {
        let pair = try TLSPair(server: server, client: client)
        _ = pair.handshake()
        try pair.client.write(Array("last".utf8)[...])
        pair.client.close()
        pair.exchange()
        #expect(pair.server.read() == .bytes(Array("last".utf8)))
        #expect(pair.server.read() == .closed)
        #expect(pair.server.read() == .closed)
        try pair.server.write(Array("answer".utf8)[...])
        pair.exchange()
        #expect(pair.client.read() == .bytes(Array("answer".utf8)))
        #expect(throws: TLSFailure.self) { try pair.client.write([1]) }
    }

    @Test func `A changed record ends the connection with an alert`() throws {
        let pair = try TLSPair(server: server, client: client)
        _ = pair.handshake()
        pair.exchange()
        _ = pair.client.read()
        try pair.client.write(Array("hello".utf8)[...])
        var record = pair.client.takeOutput()
        record[record.count - 1] ^= 1
        pair.server.receive(record)
        guard case .failed(let failure) = pair.server.read() else {
            Issue.record("a changed record was taken")
            return
        }
        #expect(failure.cause == .malformed)
        pair.exchange()
        #expect(pair.client.alert?.contains("bad record mac") == true)
    }

    @Test func `What is no handshake is refused`() throws {
        let session = try #require(server.makeSession())
        session.receive([0x16, 3, 1, 0, 4, 1, 2, 3, 4, 5])
        #expect(session.handshake().cause == .malformed)
    }

    @Test func `Versions before 1_2 are refused, and 1_2 where 1_3 is the least`() throws {
        for (least, offered) in [(TLSVersion.tls12, TLS1_1_VERSION), (.tls13, TLS1_2_VERSION)] {
            let server = try testServer(authority.server("localhost")) { $0.minimumVersion = least }
            let pair = try TLSPair(server: server, client: client)
            pair.client.offer(weakCiphers: "ALL")
            pair.client.offer(versions: TLS1_VERSION...offered)
            let steps = pair.handshake()
            #expect(steps.server.cause == .version)
            #expect(steps.client.cause == .peerAlert)
        }
    }

    @Test func `TLS 1_2 uses ephemeral keys and authenticated encryption only`() throws {
        for weak in ["AES128-GCM-SHA256", "ECDHE-ECDSA-AES128-SHA", "ECDHE-ECDSA-AES256-SHA384", "eNULL", "aNULL"] {
            let pair = try TLSPair(server: server, client: client)
            pair.client.offer(versions: TLS1_2_VERSION...TLS1_2_VERSION)
            pair.client.offer(weakCiphers: weak)
            #expect(pair.handshake().server.cause == .cipher, "\(weak)")
        }
        let pair = try TLSPair(server: server, client: client)
        pair.client.offer(versions: TLS1_2_VERSION...TLS1_2_VERSION)
        #expect(pair.handshake().server == .done)
        #expect(TLSSecurity(pair.server).cipherSuite == "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256")
    }

    @Test func `A renegotiation is refused`() throws {
        let pair = try TLSPair(server: server, client: client)
        pair.client.offer(versions: TLS1_2_VERSION...TLS1_2_VERSION)
        _ = pair.handshake()
        pair.client.allowRenegotiation()
        #expect(SSL_renegotiate(pair.client.handle) == 1)
        _ = pair.client.handshake()
        pair.exchange()
        #expect(pair.server.read() == .needsInput)
        pair.exchange()
        #expect(pair.client.handshake().cause != nil)
    }

    private static func records(_ bytes: [UInt8]) -> Int {
        var count = 0
        var index = 0
        while index + 5 <= bytes.count {
            index += 5 + Int(bytes[index + 3]) << 8 + Int(bytes[index + 4])
            count += 1
        }
        return count
    }
}
