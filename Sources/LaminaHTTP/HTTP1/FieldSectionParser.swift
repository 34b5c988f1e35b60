import HTTPTypes

/// Reads field lines up to the empty line that ends them: the headers of a message, or the trailers of its body.
struct FieldSectionParser: Sendable {
    private let limitBytes: Int
    private let limitCount: Int
    private let tooLarge: RequestError
    private let tooMany: RequestError
    private var fields = HTTPFields()
    private var bytes = 0

    /// A section of at most `limitBytes`, line ends included, and `limitCount` fields.
    private init(limitBytes: Int, limitCount: Int, tooLarge: RequestError, tooMany: RequestError) {
        self.limitBytes = limitBytes
        self.limitCount = limitCount
        self.tooLarge = tooLarge
        self.tooMany = tooMany
    }

    static func headers(_ limits: HTTPLimits) -> FieldSectionParser {
        FieldSectionParser(
            limitBytes: limits.headerBytes, limitCount: limits.headerCount,
            tooLarge: .headersTooLarge(limitBytes: limits.headerBytes),
            tooMany: .tooManyHeaders(limit: limits.headerCount))
    }

    static func trailers(_ limits: HTTPLimits) -> FieldSectionParser {
        let error = RequestError.trailersTooLarge(limitBytes: limits.trailerBytes, limitCount: limits.trailerCount)
        return FieldSectionParser(
            limitBytes: limits.trailerBytes, limitCount: limits.trailerCount, tooLarge: error, tooMany: error)
    }

    /// The fields once the empty line is there, or nil while it is not.
    mutating func next(from buffer: inout LineBuffer) throws(RequestError) -> HTTPFields? {
        while let line = try buffer.takeLine(limit: limitBytes - bytes, else: tooLarge) {
            bytes += line.count + 2
            if line.isEmpty { return fields }
            guard fields.count < limitCount else { throw tooMany }
            fields.append(try FieldLine.parse(line))
        }
        return nil
    }
}
