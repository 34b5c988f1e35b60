package import HTTPTypes

/// A file to be fetched and put at a path.
package struct Download: Sendable {
    /// Where from. Redirects are followed; each attempt begins here, since what redirects name may expire.
    package var url: HTTPURL
    /// Further header fields, such as Authorization. Range, If-Range and Accept-Encoding are the download's own.
    package var headers: HTTPFields = [:]
    /// Where to: replaced in one step when everything is there. Beside it lie, until then, `.part` and `.part.state`.
    package var destination: String
    /// Whether to go on from what an earlier attempt left. False begins anew.
    package var resumes = true
    /// Largest file taken.
    package var limitBytes = 1 << 42
    /// The length, where it is known.
    package var expectedBytes: Int?
    /// SHA-256 of the file in hexadecimal digits, where it is known.
    package var expectedSHA256: String?
    /// When to try again.
    package var retry = RetryPolicy()

    /// A download with nothing else asked for.
    package init(_ url: HTTPURL, to destination: String) {
        self.url = url
        self.destination = destination
    }
}

/// How far a download is.
package struct DownloadProgress: Sendable, Equatable {
    /// Bytes of the file that are there, those of earlier attempts included.
    package var receivedBytes: Int
    /// Length of the file; nil where the server does not say.
    package var totalBytes: Int?
    /// Bytes that were there from an earlier run.
    package var resumedBytes: Int
}

extension HTTPClient {
    /// Fetches a file. What is at the destination stays as it is until everything is there, was checked and is on disk. Lost
    /// connections and refusals that may pass are retried, each time going on where it stopped; a file that has changed on
    /// the server meanwhile is fetched anew.
    ///
    /// - Parameter progress: called after each piece, from the download's task.
    /// - Returns: how far it was at the end.
    /// - Throws: `DownloadError`.
    @discardableResult
    package func download(
        _ download: Download, progress: (DownloadProgress) -> Void = { _ in }
    ) async throws(DownloadError) -> DownloadProgress {
        let part = try await PartFile.open(destination: download.destination)
        defer { part.close() }
        let run = try await DownloadRun(download, client: self, part: part)
        do throws(DownloadError) {
            try await run.fetch(progress)
            try await run.finish()
        } catch {
            await run.leave(after: error)
            throw error
        }
        return run.progress
    }
}
