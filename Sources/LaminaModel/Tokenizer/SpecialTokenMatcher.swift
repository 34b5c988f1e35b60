/// Finds tokens that stand for themselves in a text, leftmost first and the longest of those that begin there: a trie.
struct SpecialTokenMatcher: Sendable {
    /// A token found in the text.
    struct Match: Equatable {
        let token: TokenID
        let range: Range<Int>
    }

    private struct Edge: Hashable {
        let node: Int32
        let byte: UInt8
    }

    private var edges: [Edge: Int32] = [:]
    private var tokenAtNode: [TokenID?] = [nil]
    private var isFirstByte = [Bool](repeating: false, count: 256)

    var isEmpty: Bool { edges.isEmpty }

    /// Adds a token; an empty text would match everywhere and is left out.
    mutating func insert(_ token: TokenID, text: some Collection<UInt8>) {
        guard let first = text.first else { return }
        isFirstByte[Int(first)] = true
        var node: Int32 = 0
        for byte in text {
            let edge = Edge(node: node, byte: byte)
            if let next = edges[edge] {
                node = next
            } else {
                node = Int32(tokenAtNode.count)
                edges[edge] = node
                tokenAtNode.append(nil)
            }
        }
        tokenAtNode[Int(node)] = token
    }

    /// The first match at or after `start` that `isAllowed` agrees to.
    func firstMatch(
        in text: [UInt8], from start: Int, where isAllowed: (Match) -> Bool
    ) -> Match? {
        if isEmpty { return nil }
        for position in start..<text.count where isFirstByte[Int(text[position])] {
            if let match = longestMatch(in: text, at: position, where: isAllowed) { return match }
        }
        return nil
    }

    /// The longest token that begins exactly at `position`.
    func longestMatch(
        in text: [UInt8], at position: Int, where isAllowed: (Match) -> Bool = { _ in true }
    ) -> Match? {
        guard isFirstByte[Int(text[position])] else { return nil }
        var node: Int32 = 0
        var longest: Match?
        for index in position..<text.count {
            guard let next = edges[Edge(node: node, byte: text[index])] else { break }
            node = next
            if let token = tokenAtNode[Int(node)] {
                let match = Match(token: token, range: position..<index + 1)
                if isAllowed(match) { longest = match }
            }
        }
        return longest
    }

    /// The token whose whole text this is.
    func token(for text: [UInt8]) -> TokenID? {
        var node: Int32 = 0
        for byte in text {
            guard let next = edges[Edge(node: node, byte: byte)] else { return nil }
            node = next
        }
        return tokenAtNode[Int(node)]
    }
}
