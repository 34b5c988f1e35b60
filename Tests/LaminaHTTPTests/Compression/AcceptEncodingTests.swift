import HTTPTypes
import Testing

@testable import LaminaHTTP

struct AcceptEncodingTests {
    @Test(arguments: [
        // Value, gzip wanted, identity accepted.
        ("gzip", true, true), ("x-gzip", true, true), ("GZIP", true, true), ("deflate, gzip, br, zstd", true, true),
        ("gzip;q=1.0, identity; q=0.5, *;q=0", true, true), ("gzip ; q=0.001", true, true),
        ("gzip;q=0.5, identity;q=0.5", true, true), ("*", true, true), ("*;q=0.1", true, true), ("gzip,", true, true),
        ("br, *;q=0.3, identity;q=0.3", true, true), ("gzip, gzip;q=0", true, true),
        ("", false, true), ("identity", false, true), ("br", false, true), ("deflate", false, true),
        ("gzip;q=0", false, true), ("gzip;q=0, *", false, true), ("gzip;q=0.4, identity;q=0.5", false, true),
        ("identity;q=1, *;q=0", false, true), ("gzip;q=0.000", false, true), ("gzipped", false, true),
        ("identity;q=0", false, false), ("*;q=0", false, false), ("br, *;q=0", false, false),
        ("gzip, identity;q=0", true, false), ("gzip, *;q=0", true, false), ("*;q=0, gzip;q=0.2", true, false),
    ]) func `Follows RFC 9110 section 12_5_3`(_ value: String, _ gzip: Bool, _ identity: Bool) {
        let accepted = AcceptEncoding([.acceptEncoding: value])
        #expect(accepted.prefersGzip == gzip, "\(value)")
        #expect(accepted.acceptsIdentity == identity, "\(value)")
    }

    @Test(arguments: [
        "gzip;q=2", "gzip;q=1.001", "gzip;q=-1", "gzip;q=0.1234", "gzip;q=", "gzip;q=x", "gzip;level=1", "gzip;",
        "gzip q=1",
        "gzip;q=1;q=1", "gzip;q=.5", "gzip;q=+1", "gzip;q=1.00a",
    ]) func `Takes a malformed element for none`(_ value: String) {
        #expect(!AcceptEncoding([.acceptEncoding: value]).prefersGzip)
        #expect(AcceptEncoding([.acceptEncoding: value]).acceptsIdentity)
    }

    @Test func `Sends no coding to who names none, and joins several lines`() {
        #expect(!AcceptEncoding([:]).prefersGzip)
        var fields = HTTPFields()
        fields.append(HTTPField(name: .acceptEncoding, value: "br"))
        fields.append(HTTPField(name: .acceptEncoding, value: "gzip;q=0.7"))
        #expect(AcceptEncoding(fields).prefersGzip)
    }
}
