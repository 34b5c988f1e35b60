import Testing

@testable import LaminaHTTP

struct AddressSetTests {
    @Test func `Knows its addresses and ranges, whatever the port`() throws {
        let set = try AddressSet(parsing: ["127.0.0.6", "::6", "10.8.0.0/13", "fd00::/8"])
        for peer in [
            "127.0.0.6:1", "127.0.0.6:65535", "[::6]:80", "10.15.255.255:9", "[fd12::1]:9", "[::ffff:127.0.0.6]:1",
        ] {
            #expect(set.contains(peer: peer), "\(peer)")
        }
        for peer in [
            "127.0.0.1:1", "127.0.0.60:1", "[::1]:80", "10.16.0.0:9", "[fe80::1]:9", "unix:pid=1,uid=0", "local", "",
            ":", "127.0.0.6",
            "x:1",
        ] {
            #expect(!set.contains(peer: peer), "\(peer)")
        }
        #expect(!AddressSet().contains(peer: "127.0.0.6:1"))
    }

    @Test func `Unix-domain sockets are trusted by name only`() throws {
        #expect(try AddressSet(parsing: ["unix"]).contains(peer: "unix:pid=1,uid=0"))
        #expect(try !AddressSet(parsing: ["0.0.0.0/0", "::/0"]).contains(peer: "unix:pid=1,uid=0"))
    }

    @Test(arguments: ["", "localhost", "10.0.0.0/33", "10.0.0", "127.0.0.6:80", "[::6]", "10.0.0.0/-1"])
    func `Refuses what is no address`(text: String) {
        #expect(throws: AddressError.malformed(text)) { try AddressSet(parsing: ["::6", text]) }
    }

    @Test func `This host's own addresses do not include loopback`() {
        let own = AddressSet.ofThisHost()
        #expect(!own.contains(peer: "127.0.0.1:1") && !own.contains(peer: "[::1]:1"))
    }
}
