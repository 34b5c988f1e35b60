package import HTTPTypes

extension HTTPFields {
    /// Adds a request field to Vary (RFC 9110 §12.5.5): caches keep answers apart by it.
    package mutating func vary(on name: HTTPField.Name) {
        guard let value = self[.vary] else {
            append(HTTPField(name: .vary, value: name.rawName))
            return
        }
        let named = listElements(.vary)
        if named.contains("*") || named.contains(name.canonicalName) { return }
        self[.vary] = value + ", " + name.rawName
    }
}
