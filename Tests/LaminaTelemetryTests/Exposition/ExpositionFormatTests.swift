import Testing

@testable import LaminaTelemetry

struct ExpositionFormatTests {
    @Test(arguments: [
        nil, "", "*/*", "text/plain", "text/*;q=0.1", "application/json", "nonsense;;;=", ",,",
        "application/openmetrics-text;version=0.0.1", "application/openmetrics-text;version=2.0.0",
        "application/openmetrics-text;q=0", "application/openmetrics-text;q=2", "application/openmetrics-text;q=x",
        "application/openmetrics-text;q=0.5,text/plain;q=0.6", "application/*",
    ])
    func `Answers in the text format`(accept: String?) {
        #expect(ExpositionFormat.negotiated(accept: accept) == .prometheusText)
    }

    @Test(arguments: [
        "application/openmetrics-text", "application/openmetrics-text; version=1.0.0; charset=utf-8",
        "Application/OpenMetrics-Text;Version=\"1.0.0\"", "text/plain;q=0.5 , application/openmetrics-text ; q=0.5",
        "*/*;q=0.1,application/openmetrics-text;version=1.0.0;q=0.2",
        // Prometheus 2 and 3.
        "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,"
            + "text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
        "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,"
            + "application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,"
            + "text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
    ])
    func `Answers in OpenMetrics`(accept: String) {
        #expect(ExpositionFormat.negotiated(accept: accept) == .openMetrics)
    }

    @Test func `Names the formats' content types`() {
        #expect(ExpositionFormat.prometheusText.contentType == "text/plain; version=0.0.4; charset=utf-8")
        #expect(
            ExpositionFormat.openMetrics.contentType == "application/openmetrics-text; version=1.0.0; charset=utf-8")
    }
}
