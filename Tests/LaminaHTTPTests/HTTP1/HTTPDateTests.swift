import Synchronization
import Testing

@testable import LaminaHTTP

struct HTTPDateTests {
    @Test(arguments: [
        (0, "Thu, 01 Jan 1970 00:00:00 GMT"), (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"),
        (951_827_696, "Tue, 29 Feb 2000 12:34:56 GMT"), (1_709_251_199, "Thu, 29 Feb 2024 23:59:59 GMT"),
        (1_735_689_599, "Tue, 31 Dec 2024 23:59:59 GMT"), (4_107_542_400, "Mon, 01 Mar 2100 00:00:00 GMT"),
        (-1, "Wed, 31 Dec 1969 23:59:59 GMT"),
    ])
    func `Formats dates of the calendar`(seconds: Int, text: String) {
        #expect(HTTPDate.format(seconds) == text)
    }

    @Test func `Follows its clock`() {
        let clock = Mutex(784_111_777)
        let date = HTTPDate { clock.withLock { $0 } }
        #expect(date.current == "Sun, 06 Nov 1994 08:49:37 GMT")
        clock.withLock { $0 = 784_111_778 }
        #expect(date.current == "Sun, 06 Nov 1994 08:49:38 GMT")
    }
}
