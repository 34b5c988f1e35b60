import Dispatch
import Glibc
import Synchronization
import Testing

@testable import LaminaHTTP

@Suite(.timeLimit(.minutes(1)))
struct ConnectionRaceTests {
    private func address(_ host: String, _ port: Int) throws -> ResolvedAddress {
        try #require(ResolvedAddress.numeric(host: host, port: port))
    }

    /// A listening socket whose queue is full: connecting to it neither succeeds nor fails, like an address behind a firewall.
    private final class Silent {
        let port: Int
        private let listener: Int32
        private var fillers: [Int32] = []

        init() throws {
            let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            self.listener = listener
            let any = try #require(ResolvedAddress.numeric(host: "127.0.0.1", port: 0))
            _ = any.withSocketAddress { Glibc.bind(listener, $0, $1) }
            listen(listener, 0)
            port = try #require(SocketAddress.local(of: listener)).port
            let address = try #require(ResolvedAddress.numeric(host: "127.0.0.1", port: port))
            for _ in 0..<4 {
                let filler = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue), 0)
                _ = address.withSocketAddress { Glibc.connect(filler, $0, $1) }
                fillers.append(filler)
            }
        }

        deinit { for descriptor in fillers + [listener] { Glibc.close(descriptor) } }
    }

    @Test func `Lets the families take turns, beginning with the preferred one`() throws {
        let v6 = try ["::1", "::2", "::3"].map { try address($0, 80) }
        let v4 = try ["10.0.0.1", "10.0.0.2"].map { try address($0, 80) }
        #expect(ConnectionRace.interleaved(v6 + v4) == [v6[0], v4[0], v6[1], v4[1], v6[2]])
        #expect(ConnectionRace.interleaved(v4 + v6) == [v4[0], v6[0], v4[1], v6[1], v6[2]])
        #expect(ConnectionRace.interleaved(v4) == v4)
        #expect(ConnectionRace.interleaved([]).isEmpty)
    }

    @Test func `An address that refuses is passed over at once`() async throws {
        let listener = try ListeningSocket(host: "127.0.0.1", port: 0)
        defer { listener.close() }
        let closed = try ListeningSocket(host: "127.0.0.1", port: 0)
        closed.close()
        let addresses = try [address("127.0.0.1", closed.address.port), address("127.0.0.1", listener.address.port)]
        // With a delay this long, only the refusal can begin the second attempt.
        var race = ConnectionRace(addresses, name: "host", until: .now + .seconds(30), delay: .seconds(60))
        let socket = try await race.run()
        socket.close()
    }

    @Test func `An address that answers nothing does not hold up the next`() async throws {
        let listener = try ListeningSocket(host: "127.0.0.1", port: 0)
        defer { listener.close() }
        let silent = try Silent()
        let addresses = try [address("127.0.0.1", silent.port), address("127.0.0.1", listener.address.port)]
        var race = ConnectionRace(addresses, name: "host", until: .now + .seconds(30), delay: .milliseconds(1))
        let socket = try await race.run()
        socket.close()
    }

    @Test func `Names each address where they fail in different ways`() async throws {
        let closed = try ListeningSocket(host: "127.0.0.1", port: 0)
        closed.close()
        let port = closed.address.port
        // A datagram address nobody can connect a stream to: multicast.
        let addresses = try [address("127.0.0.1", port), address("224.0.0.1", port)]
        var race = ConnectionRace(addresses, name: "host:1", until: .now + .seconds(30))
        let error = await #expect(throws: SocketError.self) { try await race.run() }
        guard case .cannotConnect(address: "host:1", let reason) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(reason.contains("127.0.0.1:\(port): connection refused"))
        #expect(reason.contains("224.0.0.1:\(port): "))
    }

    @Test func `Ends at the deadline and at cancellation`() async throws {
        let silent = try Silent()
        let addresses = try [address("127.0.0.1", silent.port), address("127.0.0.1", silent.port)]
        var race = ConnectionRace(
            addresses, name: "host", until: .now + .milliseconds(50), delay: .milliseconds(1))
        await #expect(throws: SocketError.timedOut) { try await race.run() }
        let task = Task {
            var race = ConnectionRace(addresses, name: "host", until: .now + .seconds(60))
            try await race.run().close()
        }
        task.cancel()
        await #expect(throws: SocketError.cancelled) { try await task.value }
    }
}

@Suite(.timeLimit(.minutes(1)))
struct NameResolverTests {
    /// A resolver that answers nothing until it is let go on.
    private final class Stuck: Sendable {
        let asked = Mutex<[String]>([])
        /// Fires at the first question.
        let began = Signal()
        private let gate = DispatchSemaphore(value: 0)

        func release() { gate.signal() }

        func lookUp(_ host: String) -> NameResolver.Answer {
            asked.withLock { $0.append(host) }
            began.fire()
            gate.wait()
            // Open for the next one too.
            gate.signal()
            return .success([ResolvedAddress(family: AF_INET, bytes: Array(host.utf8))])
        }
    }

    @Test func `Leaves a resolver that does not answer, at the deadline and at cancellation`() async throws {
        let stuck = Stuck()
        defer { stuck.release() }
        let resolver = NameResolver(threadLimit: 1) { host, _ in stuck.lookUp(host) }
        let error = await #expect(throws: SocketError.self) {
            try await resolver.addresses(host: "slow", port: 80, until: .now + .milliseconds(20))
        }
        #expect("\(String(describing: error))".contains("not resolved in time"))
        let task = Task { _ = try await resolver.addresses(host: "slow", port: 80, until: .now + .seconds(60)) }
        task.cancel()
        await #expect(throws: SocketError.cancelled) { try await task.value }
    }

    @Test func `Runs no more look-ups at a time than allowed, and none that nobody waits for`() async throws {
        let stuck = Stuck()
        let resolver = NameResolver(threadLimit: 1) { host, _ in stuck.lookUp(host) }
        let first = Task { try await resolver.addresses(host: "first", port: 80, until: .now + .seconds(60)) }
        await stuck.began.expect("the resolver is asked")
        await #expect(throws: SocketError.self) {
            try await resolver.addresses(host: "abandoned", port: 80, until: .now + .milliseconds(20))
        }
        let last = Task { try await resolver.addresses(host: "last", port: 80, until: .now + .seconds(60)) }
        // The limit counts only look-ups: an address is none.
        #expect(try await resolver.addresses(host: "127.0.0.1", port: 80, until: .now).count == 1)
        #expect(stuck.asked.withLock { $0 } == ["first"])
        stuck.release()
        #expect(try await first.value.count == 1)
        #expect(try await last.value.first?.bytes == Array("last".utf8))
        #expect(stuck.asked.withLock { $0 } == ["first", "last"])
    }

    @Test func `Finds localhost`() async throws {
        let addresses = try await NameResolver.shared.addresses(host: "localhost", port: 80, until: .now + .seconds(30))
        #expect(addresses.contains { ["127.0.0.1:80", "[::1]:80"].contains($0.description) })
    }
}
