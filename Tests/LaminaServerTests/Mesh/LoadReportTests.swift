import HTTPTypes
import LaminaEngine
import LaminaHTTP
import LaminaJSON
import Testing

@testable import LaminaServer

struct LoadReportTests {
    private static let report = LoadReport(
        applicationUtilization: 0.42, tokensPerSecond: 183.25,
        namedMetrics: [
            .init(name: "kv_cache_usage_perc", value: 0.25), .init(name: "num_requests_running", value: 2),
            .init(name: "num_requests_waiting", value: 0),
        ])

    @Test func `Writes text without named metrics, which an unknown name would void`() {
        #expect(
            LoadReportFormat.text.value(of: Self.report)
                == "TEXT application_utilization=0.42, rps_fractional=183.25")
    }

    @Test func `Writes protobuf's JSON`() throws {
        let value = LoadReportFormat.json.value(of: Self.report)
        #expect(value.hasPrefix("JSON {"))
        let json = try JSONValue(parsing: String(value.dropFirst("JSON ".count)))
        #expect(json["application_utilization"]?.doubleValue == 0.42)
        #expect(json["rps_fractional"]?.doubleValue == 183.25)
        #expect(json["named_metrics"]?["kv_cache_usage_perc"]?.doubleValue == 0.25)
        #expect(json["named_metrics"]?["num_requests_running"]?.doubleValue == 2)
    }

    // What the Python package `protobuf` 7.36 makes of the same numbers, with the message of `xds-protos` 1.85:
    // base64.b64encode(OrcaLoadReport(...).SerializeToString(deterministic=True)).
    @Test func `Writes the bytes that protobuf writes`() {
        #expect(
            LoadReportFormat.bin.value(of: Self.report)
                == "BIN MQAAAAAA6GZAQh4KE2t2X2NhY2hlX3VzYWdlX3BlcmMRAAAAAAAA0D9CHwoUbnVtX3JlcXVlc3RzX3J1bm5pbmcRAAAAAAAAAEBC"
                + "HwoUbnVtX3JlcXVlc3RzX3dhaXRpbmcRAAAAAAAAAABJ4XoUrkfh2j8=")
        #expect(
            LoadReportFormat.bin.value(of: LoadReport(applicationUtilization: 0, tokensPerSecond: 0))
                == "BIN Mfyp8dJNYlA/SXsUrkfheoQ/")
    }

    @Test func `A length of more than 127 bytes takes two`() {
        var message = ProtobufMessage()
        message.append(8, String(repeating: "n", count: 200), 1)
        // Tag; length 2 + 1 + 200 + 1 + 8 = 212 in two bytes; tag of the key; its length in two bytes.
        #expect(message.bytes.prefix(6).elementsEqual([0x42, 0xD4, 0x01, 0x0A, 0xC8, 0x01]))
        #expect(message.bytes.count == 3 + 212)
    }

    @Test func `A field that is 0 is not written`() {
        var message = ProtobufMessage()
        message.append(6, 0)
        #expect(message.bytes.isEmpty)
    }

    @Test(arguments: [
        ("text", LoadReportFormat.text), ("TEXT", .text), ("Json", .json), ("bin", .bin), ("xml", nil), ("", nil),
    ])
    func `Reads the format that is asked for`(text: String, format: LoadReportFormat?) {
        #expect(LoadReportFormat([.endpointLoadMetricsFormat: text]) == format)
    }

    @Test func `Is never 0, which Envoy ignores, and has no more digits than it knows`() {
        let idle = LoadReport(applicationUtilization: 0, tokensPerSecond: 0.0001)
        #expect(idle.applicationUtilization == 0.01 && idle.tokensPerSecond == 0.001)
        let odd = LoadReport(applicationUtilization: 1.0 / 3, tokensPerSecond: 200.0 / 3)
        #expect(LoadReportFormat.text.value(of: odd) == "TEXT application_utilization=0.333, rps_fractional=66.667")
    }
}
