import Testing

@testable import LaminaTelemetry

struct LowerHexTests {
    @Test func `Writes digits of a fixed width`() {
        #expect(LowerHex.text(0, digits: 4) == "0000")
        #expect(LowerHex.text(0x1B, digits: 4) == "001b")
        #expect(LowerHex.text(.max, digits: 16) == "ffffffffffffffff")
        #expect(LowerHex.text(0x0123_4567_89AB_CDEF, 0xFEDC_BA98_7654_3210) == "0123456789abcdeffedcba9876543210")
    }

    @Test func `Writes a version 4 UUID of any bits`() {
        #expect(LowerHex.uuid(0, 0) == "00000000-0000-4000-8000-000000000000")
        #expect(LowerHex.uuid(.max, .max) == "ffffffff-ffff-4fff-bfff-ffffffffffff")
        #expect(LowerHex.uuid(0x0123_4567_89AB_CDEF, 0x0123_4567_89AB_CDEF) == "01234567-89ab-4def-8123-456789abcdef")
    }
}
