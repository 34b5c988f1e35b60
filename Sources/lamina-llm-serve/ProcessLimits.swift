import Glibc

/// What the process asks of the system before it serves.
enum ProcessLimits {
    /// Raises the number of descriptors to what is allowed: one a connection, and shells commonly start with 1024.
    static func raiseOpenFiles() {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0, limit.rlim_cur < limit.rlim_max
        else { return }
        limit.rlim_cur = limit.rlim_max
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }

    /// Makes writing to a connection or pipe whose other end is gone an error instead of the end of the process. Sockets
    /// are written to without the signal anyway; standard error may be a pipe to a log collector that was restarted.
    static func ignoreBrokenPipes() {
        signal(SIGPIPE, SIG_IGN)
    }
}
