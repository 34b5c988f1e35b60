import ArgumentParser
import LaminaHTTP
import LaminaServer

/// How responses are compressed for clients that accept gzip. Request bodies may be in gzip in any case.
struct GzipOptions: ServerOptions {
    @Flag(
        inversion: .prefixedNo,
        help: ArgumentHelp(
            "Compress responses of a kilobyte or more for clients that accept it (LAMINA_GZIP). Default: yes."))
    var gzip: Bool?

    @Option(
        help: ArgumentHelp(
            "1 is fastest, 9 smallest (LAMINA_GZIP_LEVEL). Default: \(CompressionOptions().level).", valueName: "1-9"))
    var gzipLevel: Int?

    @Flag(
        help: ArgumentHelp(
            "Compress streamed answers too, event by event; some proxies and clients then hold events back "
                + "(LAMINA_GZIP_EVENTS=true)."))
    var gzipEvents = false

    func apply(to configuration: inout ServerConfiguration, _ read: OptionReader) throws {
        if let isEnabled = try gzip ?? read.switched("gzip") { configuration.compression.isEnabled = isEnabled }
        if let level = try read.number(gzipLevel, "gzip-level", 1...9) { configuration.compression.level = level }
        configuration.compression.includesEventStreams = try read.flag(gzipEvents, "gzip-events")
        if configuration.compression.includesEventStreams, !configuration.compression.isEnabled {
            throw ValidationError("--gzip-events does not go with --no-gzip.")
        }
    }
}
