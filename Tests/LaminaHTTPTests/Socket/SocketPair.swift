import Glibc
import Testing

@testable import LaminaHTTP

/// Two connected sockets.
func socketPair() throws -> (ConnectedSocket, ConnectedSocket) {
    var descriptors: [Int32] = [0, 0]
    try #require(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &descriptors) == 0)
    return (
        ConnectedSocket(descriptor: descriptors[0], remoteAddress: "a"),
        ConnectedSocket(descriptor: descriptors[1], remoteAddress: "b")
    )
}
