/// Why a file was not downloaded. What had arrived is kept beside the destination where it can be gone on from.
package enum DownloadError: Error, Sendable, Equatable {
    /// The request failed, at last or in a way that another attempt does not mend.
    case request(HTTPClientError, attempts: Int)
    /// The server answered with a status that is none of success.
    case refused(url: String, status: Int, attempts: Int)
    /// The server asks to come back later than the client waits.
    case toldToWait(url: String, seconds: Int, limitSeconds: Int)
    /// The file is, or becomes, larger than allowed.
    case tooLarge(url: String, limitBytes: Int)
    /// The file has another length than expected.
    case wrongLength(url: String, expectedBytes: Int, actualBytes: Int)
    /// The file is another than expected.
    case wrongDigest(url: String, expected: String, actual: String)
    /// The server sent another part than was asked for.
    case wrongRange(url: String, contentRange: String?)
    /// The server sent the file compressed although it was asked not to.
    case encoded(url: String, coding: String)
    /// Another process downloads to the same file.
    case inUse(path: String)
    /// There is no room for it; `missingBytes` where that is known.
    case diskFull(path: String, missingBytes: Int?)
    /// A file cannot be written or read; `reason` is what the system says.
    case file(path: String, reason: String)
    /// The task was cancelled.
    case cancelled
}

extension DownloadError: CustomStringConvertible {
    /// What is wrong, where, and what to do.
    package var description: String {
        switch self {
        case .request(let error, 1): "\(error)"
        case .request(let error, let attempts): "after \(attempts) attempts: \(error)"
        case .refused(let url, let status, let attempts):
            "\(url) answered with status \(status)\(attempts > 1 ? " in \(attempts) attempts" : ""); \(Self.advice(status))"
        case .toldToWait(let url, let seconds, let limit):
            "\(url) asks to come back in \(seconds) s, and \(limit) s is the longest wait; try again then"
        case .tooLarge(let url, let limit): "\(url) is larger than the \(limit) bytes allowed"
        case .wrongLength(let url, let expected, let actual):
            "\(url) has \(actual) bytes and not \(expected); it is another file, or the download is broken: try again"
        case .wrongDigest(let url, let expected, let actual):
            "\(url) has the SHA-256 \(actual) and not \(expected); it is another file, or the download is broken: try again"
        case .wrongRange(let url, let range):
            "\(url) sent \(range.map { "'\($0)'" } ?? "no Content-Range") where another part was asked for; "
                + "delete the .part file to begin anew"
        case .encoded(let url, let coding): "\(url) sent the file as \(coding) although it was asked not to"
        case .inUse(let path): "another process downloads to \(path); wait for it, or stop it"
        case .diskFull(let path, let missing):
            "there is no room for \(path): \(missing.map { "\($0) bytes are missing" } ?? "the disk is full"); "
                + "free some, then try again: it goes on where it stopped"
        case .file(let path, let reason): "\(path): \(reason)"
        case .cancelled: "cancelled"
        }
    }

    private static func advice(_ status: Int) -> String {
        switch status {
        case 401, 403: "it needs a key, or another one"
        case 404, 410: "check the name"
        case 500...: "the server has trouble; try again later"
        default: "check the URL"
        }
    }
}
