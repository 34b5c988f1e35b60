import COpenSSL

/// An entry of OpenSSL's error queue. The queue belongs to the thread: it must be read before the task is suspended.
struct OpenSSLError {
    let code: UInt

    var isFromTLS: Bool { copenssl_err_library(code) == ERR_LIB_SSL }
    var reason: Int32 { copenssl_err_reason(code) }

    /// OpenSSL's words.
    var text: String {
        ERR_reason_error_string(code).map { String(cString: $0) } ?? "error \(String(code, radix: 16))"
    }

    /// The words for an alert that the peer sent. OpenSSL's own begin with a version, which is not the connection's.
    var alertText: String {
        let words = text.split(separator: " ")
        return words.firstIndex(of: "alert").map { words[($0 + 1)...].joined(separator: " ") } ?? text
    }
}

/// OpenSSL's error queue of the current thread.
enum OpenSSLErrors {
    /// Empties the queue; the first entry is the cause of the others.
    static func take() -> [OpenSSLError] {
        var errors: [OpenSSLError] = []
        while true {
            let code = ERR_get_error()
            if code == 0 { return errors }
            errors.append(OpenSSLError(code: code))
        }
    }

    /// The reason of the last failure in words, emptying the queue.
    static func takeText() -> String {
        take().first?.text ?? "OpenSSL gave no reason"
    }
}
