import HTTPTypes

/// What a download does with a response: decided from its head alone.
enum DownloadStep: Sendable, Equatable {
    /// The body goes on where the file ends.
    case append(totalBytes: Int?)
    /// The body is the file from its beginning.
    case replace(totalBytes: Int?)
    /// Nothing is missing.
    case complete
    /// What is there is of another version: ask again for all of it.
    case startOver
    /// It may be otherwise the next time; the server may say when.
    case retry(after: Duration?)

    /// Judges a response to a request for the bytes from `offset` on, of the version that `validator` names.
    ///
    /// - Parameter url: for errors.
    /// - Throws: `DownloadError`: `refused`, `wrongRange` or `encoded`.
    init(
        _ head: ResponseHead, offset: Int, validator: EntityValidator?, totalBytes: Int?, url: String
    ) throws(DownloadError) {
        let range = head.fields[.contentRange]
        switch head.status.code {
        case 200, 206:
            if let coding = head.fields[.contentEncoding], coding.lowercased() != "identity" {
                throw .encoded(url: url, coding: coding)
            }
            guard head.status == .partialContent else {
                if case .fixed(let length) = head.framing {
                    self = .replace(totalBytes: length)
                } else {
                    self = .replace(totalBytes: nil)
                }
                return
            }
            // Without Content-Range it is several parts at once, which was not asked for.
            guard offset > 0, let parsed = range.flatMap(ContentRange.init), parsed.bytes?.lowerBound == offset else {
                throw .wrongRange(url: url, contentRange: range)
            }
            let found = EntityValidator(head.fields)
            let isSame = found.map { $0 == validator } ?? true
            let hasSameLength = parsed.completeLength.flatMap { length in totalBytes.map { $0 == length } } ?? true
            self = isSame && hasSameLength ? .append(totalBytes: parsed.completeLength ?? totalBytes) : .startOver
        case 416 where offset > 0:
            self = range.flatMap(ContentRange.init)?.completeLength == offset ? .complete : .startOver
        default:
            guard RetryPolicy.isTransient(head.status) else {
                throw .refused(url: url, status: head.status.code, attempts: 1)
            }
            self = .retry(after: RetryPolicy.retryAfter(head.fields))
        }
    }
}
