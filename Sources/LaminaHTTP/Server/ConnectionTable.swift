/// The connections of a server, and how many there may be.
struct ConnectionTable {
    private struct Entry {
        let connection: HTTPConnection
        let network: PeerNetwork?
    }

    private let limit: Int
    private let limitPerPeer: Int?
    private var entries: [UInt64: Entry] = [:]
    private var countsOfPeers: [PeerNetwork: Int] = [:]
    private var nextNumber: UInt64 = 0

    /// A table of at most `limit` connections, and `limitPerPeer` (nil: as many) of one peer.
    init(limit: Int, limitPerPeer: Int?) {
        self.limit = limit
        self.limitPerPeer = limitPerPeer
    }

    /// Connections there are.
    var count: Int { entries.count }

    /// Every connection.
    var all: [HTTPConnection] { entries.values.map(\.connection) }

    /// Takes a connection in and returns its number, or the limit it would exceed.
    mutating func add(
        _ connection: HTTPConnection, from network: PeerNetwork?
    ) -> Result<UInt64, ConnectionLimit> {
        guard count < limit else { return .failure(.total) }
        if let network, let limitPerPeer {
            guard countsOfPeers[network, default: 0] < limitPerPeer else { return .failure(.perPeer) }
            countsOfPeers[network, default: 0] += 1
        }
        defer { nextNumber += 1 }
        entries[nextNumber] = Entry(connection: connection, network: network)
        return .success(nextNumber)
    }

    /// Forgets a connection that has ended.
    mutating func remove(_ number: UInt64) {
        guard let network = entries.removeValue(forKey: number)?.network, let count = countsOfPeers[network] else {
            return
        }
        countsOfPeers[network] = count > 1 ? count - 1 : nil
    }
}

/// Why a connection was not served.
package enum ConnectionLimit: Error, Sendable, Equatable {
    /// The server has as many connections as it may.
    case total
    /// The peer has as many connections as it may.
    case perPeer

    /// One sentence for the client.
    var message: String {
        switch self {
        case .total: "The server has too many connections; try again soon."
        case .perPeer: "Your address has too many connections; close some, or try again soon."
        }
    }
}
