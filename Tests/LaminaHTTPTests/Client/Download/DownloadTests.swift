import Glibc
import HTTPTypes
import Synchronization
import Testing

@testable import LaminaHTTP

@Suite(.timeLimit(.minutes(1)))
struct DownloadTests {
    private static let content = FileServer.content(1_000_000)

    /// Runs a test against a server of a file. Waits between attempts are as good as none.
    private func withDownload(
        _ file: FileServer, _ body: (HTTPClient, inout Download, borrowing ScratchDirectory) async throws -> Void
    ) async throws {
        let directory = try ScratchDirectory()
        try await RawServer.run {
            try await file.serve($0)
        } _: { server in
            let client = HTTPClient(timeouts: .init(response: .seconds(20), idle: .seconds(20)))
            defer { client.close() }
            var download = Download(server.url, to: "\(directory.path)/file")
            download.retry.firstDelay = .milliseconds(1)
            download.retry.longestDelay = .milliseconds(2)
            try await body(client, &download, directory)
        }
    }

    @Test func `Fetches a file, and leaves nothing beside it`() async throws {
        let file = FileServer(Self.content)
        try await withDownload(file) { client, download, directory in
            download.expectedBytes = Self.content.count
            var reports: [DownloadProgress] = []
            let result = try await client.download(download) { reports.append($0) }
            let whole = DownloadProgress(
                receivedBytes: Self.content.count, totalBytes: Self.content.count, resumedBytes: 0)
            #expect(result == whole && reports.last == whole && reports.count > 1)
            #expect(reports.map(\.receivedBytes) == reports.map(\.receivedBytes).sorted())
            #expect(directory.names == ["file"])
            #expect(directory.read("file") == Self.content)
            #expect(file.ranges == [nil])
            #expect(file.heads[0].contains("Accept-Encoding: identity"))
        }
    }

    @Test func `Goes on where a connection broke, again and again`() async throws {
        let file = FileServer(Self.content, troubles: [.cut(after: 300_000), .cut(after: 0), .cut(after: 500_001)])
        try await withDownload(file) { client, download, directory in
            let result = try await client.download(download)
            #expect(result.receivedBytes == Self.content.count)
            #expect(directory.read("file") == Self.content)
            #expect(file.ranges == [nil, "bytes=300000-", "bytes=300000-", "bytes=800001-"])
            #expect(file.heads[1].contains("If-Range: \"v1\"\r\n"))
        }
    }

    @Test func `Goes on where an earlier run stopped`() async throws {
        let file = FileServer(Self.content, troubles: [.cut(after: 400_000), .answer("HTTP/1.1 404 No\r\n\r\n")])
        try await withDownload(file) { client, download, directory in
            await #expect(throws: DownloadError.refused(url: "\(download.url)", status: 404, attempts: 1)) {
                try await client.download(download)
            }
            #expect(directory.names == ["file.part", "file.part.state"])
            let result = try await client.download(download)
            #expect(result.resumedBytes == 400_000)
            #expect(file.ranges == [nil, "bytes=400000-", "bytes=400000-"])
            #expect(directory.names == ["file"])
            #expect(directory.read("file") == Self.content)
        }
    }

    @Test func `Begins anew where told to, or where nothing says what the part is of`() async throws {
        let file = FileServer(Self.content)
        try await withDownload(file) { client, download, directory in
            directory.write("file.part", [1, 2, 3])
            try await client.download(download)
            directory.write("file.part", Array(Self.content[..<3]))
            let state = DownloadState(bytes: 3, totalBytes: Self.content.count, validator: .tag("\"v1\""))
            directory.write("file.part.state", Array(state.text.utf8))
            download.resumes = false
            try await client.download(download)
            #expect(file.ranges == [nil, nil])
            #expect(directory.read("file") == Self.content)
        }
    }

    @Test func `Fetches a file anew that has changed meanwhile`() async throws {
        let file = FileServer(Self.content, troubles: [.cut(after: 400_000), .answer("HTTP/1.1 404 No\r\n\r\n")])
        try await withDownload(file) { client, download, directory in
            await #expect(throws: DownloadError.self) { try await client.download(download) }
            let other = FileServer.content(500_000).reversed() as [UInt8]
            file.replace(other, tag: "\"v2\"")
            let result = try await client.download(download)
            #expect(result == DownloadProgress(receivedBytes: 500_000, totalBytes: 500_000, resumedBytes: 0))
            #expect(directory.read("file") == other)
        }
    }

    @Test func `Takes the whole from a server without ranges`() async throws {
        let file = FileServer(Self.content, troubles: [.cut(after: 400_000), .ignoresRange])
        try await withDownload(file) { client, download, directory in
            try await client.download(download)
            #expect(directory.read("file") == Self.content)
        }
    }

    @Test func `Does not ask for a range of a file without a strong validator`() async throws {
        let file = FileServer(Self.content, tag: nil, troubles: [.cut(after: 400_000)])
        try await withDownload(file) { client, download, directory in
            try await client.download(download)
            #expect(file.ranges == [nil, nil])
            #expect(directory.read("file") == Self.content)
        }
    }

    @Test func `Finishes what was complete already`() async throws {
        let file = FileServer(Self.content)
        try await withDownload(file) { client, download, directory in
            directory.write("file.part", Self.content)
            let state = DownloadState(
                bytes: Self.content.count, totalBytes: Self.content.count, validator: .tag("\"v1\""))
            directory.write("file.part.state", Array(state.text.utf8))
            let result = try await client.download(download)
            #expect(result.resumedBytes == Self.content.count)
            #expect(file.ranges == ["bytes=1000000-"])
            #expect(directory.read("file") == Self.content)
        }
    }

    @Test func `Waits as a server asks, within bounds`() async throws {
        func answer(_ retryAfter: String) -> FileServer.Trouble {
            .answer("HTTP/1.1 503 Busy\r\nRetry-After: \(retryAfter)\r\nContent-Length: 0\r\n\r\n")
        }
        let file = FileServer(Self.content, troubles: [answer("0"), answer("121")])
        try await withDownload(file) { client, download, directory in
            await #expect(
                throws: DownloadError.toldToWait(url: "\(download.url)", seconds: 121, limitSeconds: 120)
            ) { try await client.download(download) }
            #expect(file.heads.count == 2)
            #expect(directory.names.isEmpty)
        }
    }

    @Test func `Gives up after as many attempts as allowed`() async throws {
        let busy = FileServer.Trouble.answer("HTTP/1.1 429 Busy\r\nContent-Length: 0\r\n\r\n")
        let file = FileServer(Self.content, troubles: Array(repeating: busy, count: 10))
        try await withDownload(file) { client, download, _ in
            download.retry.attempts = 3
            await #expect(throws: DownloadError.refused(url: "\(download.url)", status: 429, attempts: 3)) {
                try await client.download(download)
            }
            #expect(file.heads.count == 3)
        }
    }

    @Test func `Checks the digest, and keeps nothing of a file with another`() async throws {
        let file = FileServer(Array("abc".utf8))
        try await withDownload(file) { client, download, directory in
            directory.write("file", Array("old".utf8))
            download.expectedSHA256 = String(repeating: "0", count: 64)
            let error = await #expect(throws: DownloadError.self) { try await client.download(download) }
            #expect("\(String(describing: error))".contains("ba7816bf8f01cfea"))
            #expect(directory.names == ["file"])
            #expect(directory.read("file") == Array("old".utf8))
            download.expectedSHA256 = "BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD"
            try await client.download(download)
            #expect(directory.read("file") == Array("abc".utf8))
        }
    }

    @Test func `Refuses a file that is too large or of another length, announced or not`() async throws {
        let file = FileServer(
            Array("four".utf8),
            troubles: [
                .ignoresRange, .answer("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nfour\r\n0\r\n\r\n"),
            ])
        try await withDownload(file) { client, download, directory in
            let url = "\(download.url)"
            download.limitBytes = 3
            for _ in 0..<2 {
                await #expect(throws: DownloadError.tooLarge(url: url, limitBytes: 3)) {
                    try await client.download(download)
                }
                #expect(directory.names.isEmpty)
            }
            download.limitBytes = 4
            download.expectedBytes = 5
            await #expect(throws: DownloadError.wrongLength(url: url, expectedBytes: 5, actualBytes: 4)) {
                try await client.download(download)
            }
            #expect(directory.names.isEmpty)
        }
    }

    @Test func `Says that the disk is full, and leaves the old file`() async throws {
        let file = FileServer(Self.content)
        try await withDownload(file) { client, download, directory in
            directory.write("file", Array("old".utf8))
            // Writing to it always fails for lack of room.
            symlink("/dev/full", "\(directory.path)/file.part")
            let error = await #expect(throws: DownloadError.self) { try await client.download(download) }
            #expect(error == .diskFull(path: download.destination, missingBytes: nil))
            #expect(directory.read("file") == Array("old".utf8))
        }
    }

    @Test func `Says that there is no such directory`() async throws {
        try await withDownload(FileServer([])) { client, download, _ in
            download.destination += "/none/file"
            let error = await #expect(throws: DownloadError.self) { try await client.download(download) }
            #expect(error == .file(path: "\(download.destination).part", reason: "no such file or directory"))
        }
    }

    @Test func `Two downloads to one file do not meet`() async throws {
        let file = FileServer(Self.content)
        try await withDownload(file) { client, download, _ in
            let first = try await PartFile.open(destination: download.destination)
            await #expect(throws: DownloadError.inUse(path: download.destination)) {
                try await client.download(download)
            }
            first.close()
            try await client.download(download)
        }
    }

    @Test func `Ends at cancellation and keeps what has come`() async throws {
        let arrived = Signal()
        let directory = try ScratchDirectory()
        try await RawServer.run { connection in
            try await connection.readHead()
            try await connection.send("HTTP/1.1 200 OK\r\nETag: \"v\"\r\nContent-Length: 9\r\n\r\nabc")
            arrived.fire()
            try await connection.readToEnd()
        } _: { server in
            let client = HTTPClient()
            let download = Download(server.url, to: "\(directory.path)/file")
            let task = Task { _ = try await client.download(download) }
            await arrived.expect("the first bytes are sent")
            task.cancel()
            await #expect(throws: DownloadError.self) { try await task.value }
        }
        #expect(!directory.names.contains("file"))
    }
}
