/// What `/proc/self/stat` says about this process (proc(5)), in the kernel's units.
struct ProcessStatus: Equatable {
    /// CPU time in user and kernel mode, in clock ticks.
    let cpuTicks: UInt64
    /// Start after boot, in clock ticks.
    let startTicks: UInt64
    /// Virtual memory in bytes.
    let virtualBytes: UInt64
    /// Resident memory in pages.
    let residentPages: UInt64

    /// Parses the file's one line; nil when it has another form.
    init?(stat line: String) {
        // The second field is the program's name in parentheses, which may itself hold spaces and parentheses.
        guard let nameEnd = line.lastIndex(of: ")") else { return nil }
        let fields = line[line.index(after: nameEnd)...].split(whereSeparator: \.isWhitespace)
        // proc(5) counts from 1 and the name is field 2, so field n is fields[n - 3].
        guard fields.count > 21, let user = UInt64(fields[11]), let system = UInt64(fields[12]),
            let start = UInt64(fields[19]), let virtual = UInt64(fields[20]), let resident = UInt64(fields[21])
        else { return nil }
        cpuTicks = user &+ system
        startTicks = start
        virtualBytes = virtual
        residentPages = resident
    }

    /// The soft limit on open files from `/proc/self/limits`; nil when it is not a number (`unlimited`).
    static func maximumOpenFiles(limits: String) -> UInt64? {
        let name = "Max open files"
        for line in limits.split(separator: "\n") where line.hasPrefix(name) {
            return line.dropFirst(name.count).split(separator: " ").first.flatMap { UInt64($0) }
        }
        return nil
    }

    /// When the machine was booted, in seconds since 1970, from `/proc/stat`.
    static func bootTimeSeconds(systemStat: String) -> UInt64? {
        for line in systemStat.split(separator: "\n") where line.hasPrefix("btime ") {
            return UInt64(line.dropFirst("btime ".count))
        }
        return nil
    }
}
