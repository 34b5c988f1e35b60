import Testing

@testable import LaminaTelemetry

struct UnixTimeTests {
    @Test(arguments: [
        (0, 0, "1970-01-01T00:00:00.000Z"), (-1, 999_999_999, "1969-12-31T23:59:59.999Z"),
        (951_782_400, 0, "2000-02-29T00:00:00.000Z"), (1_709_251_199, 7_000_000, "2024-02-29T23:59:59.007Z"),
        (1_709_251_200, 0, "2024-03-01T00:00:00.000Z"), (1_763_920_800, 123_456_789, "2025-11-23T18:00:00.123Z"),
        (4_107_542_400, 0, "2100-03-01T00:00:00.000Z"), (253_402_300_799, 0, "9999-12-31T23:59:59.000Z"),
        (-62_135_596_800, 0, "0001-01-01T00:00:00.000Z"),
    ])
    func `Writes RFC 3339 in UTC`(seconds: Int, nanoseconds: Int, text: String) {
        #expect(UnixTime(seconds: seconds, nanoseconds: nanoseconds).rfc3339 == text)
    }

    @Test func `Writes seconds with milliseconds`() {
        #expect(UnixTime(seconds: 5, nanoseconds: 42_999_999).secondsText == "5.042")
        #expect(UnixTime.now().seconds > 1_700_000_000)
    }
}
