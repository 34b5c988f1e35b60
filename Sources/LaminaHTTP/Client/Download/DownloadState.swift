/// What is known of an unfinished download: kept in a file beside it, so that another process can go on.
struct DownloadState: Sendable, Equatable {
    /// Bytes that are there, from the first on.
    var bytes: Int
    /// Length of the whole; nil where the server does not say.
    var totalBytes: Int?
    /// Which version of the file they are of.
    var validator: EntityValidator

    /// Longest text that is read.
    static let limitBytes = 64 * 1024
    private static let form = "lamina-download 1"

    init(bytes: Int, totalBytes: Int?, validator: EntityValidator) {
        self.bytes = bytes
        self.totalBytes = totalBytes
        self.validator = validator
    }

    /// Reads what `text` wrote; nil for anything else.
    init?(_ text: String) {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.count == 5, lines[4].isEmpty, lines[0] == Self.form, let bytes = Int(lines[1]), bytes > 0 else {
            return nil
        }
        let total = Int(lines[2])
        guard total != nil || lines[2] == "*", bytes <= total ?? bytes else { return nil }
        let words = lines[3].split(separator: " ", maxSplits: 1)
        switch (words.first, words.last) {
        case ("etag", let value?) where words.count == 2: validator = .tag(String(value))
        case ("last-modified", let value?) where words.count == 2: validator = .lastModified(String(value))
        default: return nil
        }
        self.bytes = bytes
        totalBytes = total
    }

    /// The state as lines of text.
    var text: String {
        let version =
            switch validator {
            case .tag(let value): "etag \(value)"
            case .lastModified(let value): "last-modified \(value)"
            }
        return "\(Self.form)\n\(bytes)\n\(totalBytes.map(String.init) ?? "*")\n\(version)\n"
    }
}
