import HTTPTypes

/// One download on its way: its attempts, and what is known of the file.
final class DownloadRun {
    private enum Attempt {
        case complete
        /// The file has changed; the next attempt begins anew.
        case startedOver
        case failed(DownloadError, retryAfter: Duration?)
    }

    /// Bytes written at a time.
    private static let pieceBytes = 256 * 1024
    /// A crash costs at most this many bytes.
    private static let checkpointBytes = 64 << 20

    private(set) var progress: DownloadProgress
    private let download: Download
    private let client: HTTPClient
    private let part: PartFile
    private var validator: EntityValidator?
    private var savedBytes = 0
    private var attempts = 0

    /// Takes up what an earlier download left.
    init(_ download: Download, client: HTTPClient, part: PartFile) async throws(DownloadError) {
        self.download = download
        self.client = client
        self.part = part
        let state = download.resumes ? try await part.savedState() : nil
        validator = state?.validator
        savedBytes = state?.bytes ?? 0
        progress = DownloadProgress(
            receivedBytes: savedBytes, totalBytes: state?.totalBytes, resumedBytes: savedBytes)
        try await part.truncate(to: savedBytes)
    }

    private var url: String { download.url.withoutQuery }

    /// Tries until all bytes are there.
    func fetch(_ report: (DownloadProgress) -> Void) async throws(DownloadError) {
        var failures = 0
        while true {
            let before = progress.receivedBytes
            attempts += 1
            switch try await attempt(report) {
            case .complete: return
            case .startedOver: failures += 1
            case .failed(let error, let retryAfter):
                failures = progress.receivedBytes > before ? 1 : failures + 1
                guard failures < download.retry.attempts, attempts < download.retry.attemptsInAll else { throw error }
                let own = download.retry.delay(afterFailures: failures)
                try await wait(max(own, retryAfter ?? .zero))
            }
        }
    }

    /// Checks the file and puts it in its place.
    func finish() async throws(DownloadError) {
        if let expected = download.expectedBytes, expected != progress.receivedBytes {
            throw .wrongLength(url: url, expectedBytes: expected, actualBytes: progress.receivedBytes)
        }
        if let expected = download.expectedSHA256?.lowercased() {
            let actual = try await digest()
            guard actual == expected else { throw .wrongDigest(url: url, expected: expected, actual: actual) }
        }
        try await part.finish()
    }

    /// Leaves what another attempt can go on from, after an error that has been reported.
    func leave(after error: DownloadError) async {
        let isUseless =
            switch error {
            case .wrongDigest, .wrongLength, .tooLarge: true
            default: validator == nil || progress.receivedBytes == 0
            }
        do throws(DownloadError) {
            if isUseless { try await part.remove() } else if progress.receivedBytes > savedBytes { try await save() }
        } catch {
            // The disk may be full. What is there is as good as it was when it was saved last.
            return
        }
    }

    private func wait(_ delay: Duration) async throws(DownloadError) {
        if delay > max(download.retry.longestRetryAfter, download.retry.longestDelay) {
            throw .toldToWait(
                url: url, seconds: Int(delay.components.seconds),
                limitSeconds: Int(download.retry.longestRetryAfter.components.seconds))
        }
        do { try await Task.sleep(for: delay) } catch { throw .cancelled }
    }
}

// MARK: One attempt

extension DownloadRun {
    private var request: ClientRequest {
        var headers = download.headers
        headers[.acceptEncoding] = "identity"
        headers[.range] = nil
        headers[.ifRange] = nil
        if let validator, progress.receivedBytes > 0 {
            headers[.range] = "bytes=\(progress.receivedBytes)-"
            headers[.ifRange] = validator.ifRange
        }
        return ClientRequest(.get, download.url, headers: headers)
    }

    private func attempt(_ report: (DownloadProgress) -> Void) async throws(DownloadError) -> Attempt {
        do {
            return try await client.withResponse(to: request) { response in
                try await self.take(response, report)
            }
        } catch let error as DownloadError {
            throw error
        } catch let error as HTTPClientError {
            if error == .cancelled { throw .cancelled }
            let failure = DownloadError.request(error, attempts: attempts)
            guard error.isTransient else { throw failure }
            return .failed(failure, retryAfter: nil)
        } catch {
            preconditionFailure("a download throws nothing else: \(error)")
        }
    }

    private func take(_ response: ClientResponse, _ report: (DownloadProgress) -> Void) async throws -> Attempt {
        let step = try DownloadStep(
            response.head, offset: progress.receivedBytes, validator: validator, totalBytes: progress.totalBytes,
            url: url)
        switch step {
        case .complete:
            progress.totalBytes = progress.receivedBytes
            return .complete
        case .startOver:
            try await startOver()
            return .startedOver
        case .retry(let delay):
            return .failed(
                .refused(url: url, status: response.status.code, attempts: attempts), retryAfter: delay)
        case .replace(let total):
            try await startOver()
            validator = EntityValidator(response.head.fields)
            progress.totalBytes = total
        case .append(let total): progress.totalBytes = total
        }
        try await prepare()
        try await receive(response, report)
        guard progress.receivedBytes < progress.totalBytes ?? 0 else { return .complete }
        // The server sent less than the rest, and said so: the next attempt asks for what is missing.
        let lost = HTTPClientError.malformedResponse(origin: response.url.origin, fault: .truncated)
        return .failed(.request(lost, attempts: attempts), retryAfter: nil)
    }

    /// Refuses early what would be refused in the end.
    private func prepare() async throws(DownloadError) {
        guard let total = progress.totalBytes else { return }
        guard total <= download.limitBytes else { throw .tooLarge(url: url, limitBytes: download.limitBytes) }
        if let expected = download.expectedBytes, expected != total {
            throw .wrongLength(url: url, expectedBytes: expected, actualBytes: total)
        }
        try await part.requireRoom(for: total - progress.receivedBytes)
    }

    private func receive(_ response: ClientResponse, _ report: (DownloadProgress) -> Void) async throws {
        var piece: [UInt8] = []
        do {
            while let bytes = try await response.next() {
                piece += bytes
                guard piece.count <= download.limitBytes - progress.receivedBytes else {
                    throw DownloadError.tooLarge(url: url, limitBytes: download.limitBytes)
                }
                if piece.count >= Self.pieceBytes { try await write(&piece, report) }
            }
        } catch let error as HTTPClientError {
            // What came before the connection broke is right.
            try await write(&piece, report)
            throw error
        }
        try await write(&piece, report)
    }

    private func write(_ piece: inout [UInt8], _ report: (DownloadProgress) -> Void) async throws(DownloadError) {
        guard !piece.isEmpty else { return }
        try await part.write(piece, at: progress.receivedBytes)
        progress.receivedBytes += piece.count
        piece.removeAll(keepingCapacity: true)
        if progress.receivedBytes - savedBytes >= Self.checkpointBytes { try await save() }
        report(progress)
    }

    private func save() async throws(DownloadError) {
        guard let validator else { return }
        try await part.save(
            DownloadState(bytes: progress.receivedBytes, totalBytes: progress.totalBytes, validator: validator))
        savedBytes = progress.receivedBytes
    }

    private func startOver() async throws(DownloadError) {
        validator = nil
        savedBytes = 0
        progress = DownloadProgress(receivedBytes: 0, totalBytes: nil, resumedBytes: 0)
        try await part.truncate(to: 0)
    }

    private func digest() async throws(DownloadError) -> String {
        let hash = SHA256()
        var offset = 0
        while true {
            if Task.isCancelled { throw .cancelled }
            let bytes = try await part.read(1 << 20, at: offset)
            if bytes.isEmpty { return hash.finish() }
            hash.update(bytes)
            offset += bytes.count
        }
    }
}

extension HTTPClientError {
    /// Whether another attempt may succeed without anybody changing anything.
    fileprivate var isTransient: Bool {
        switch self {
        case .cannotConnect, .cannotConnectToProxy, .timedOut, .connectionLost, .malformedResponse(_, .truncated): true
        case .refusedByProxy(_, _, let status): [502, 503, 504].contains(status)
        default: false
        }
    }
}
