import ArgumentParser
import LaminaHTTP
import LaminaServer

/// How responses are compressed for clients that accept gzip. Request bodies may be in gzip in any case.
struct GzipOptions: ParsableArguments {
    @Flag(inversion: .prefixedNo, help: "Compress responses of a kilobyte or more for clients that accept it.")
    var gzip = CompressionOptions().isEnabled

    @Option(help: ArgumentHelp("1 is fastest, 9 smallest.", valueName: "1-9"))
    var gzipLevel = CompressionOptions().level

    @Flag(help: "Compress streamed answers too, event by event; some proxies and clients then hold events back.")
    var gzipEvents = false

    func validate() throws {
        guard (1...9).contains(gzipLevel) else {
            throw ValidationError("--gzip-level must be 1 to 9, not \(gzipLevel).")
        }
        if gzipEvents, !gzip { throw ValidationError("--gzip-events does not go with --no-gzip.") }
    }

    /// Puts the choices into a configuration.
    func apply(to configuration: inout ServerConfiguration) {
        configuration.compression.isEnabled = gzip
        configuration.compression.level = gzipLevel
        configuration.compression.includesEventStreams = gzipEvents
    }
}
