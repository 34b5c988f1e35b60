import Glibc
import LaminaHTTP
import Logging

/// What a server behind a sidecar does otherwise.
package enum MeshLimits {
    /// How long a connection may be idle behind a sidecar. Envoy keeps one for an hour; a server that closes first may do so just
    /// when a request is on its way, which the client sees as 503.
    package static let idleTimeout = Duration.seconds(3900)
}

extension LaminaServer {
    /// Refuses to start where the mesh is known and keeps for itself what this process uses.
    func refuseReserved(by mesh: Mesh) throws {
        guard let kind = mesh.kind else { return }
        if let first = reservations(of: kind).first { throw first }
    }

    /// Follows what becomes known of the mesh, until the task is cancelled.
    func followMesh() async throws {
        try await mesh.run { mesh in
            try refuseReserved(by: mesh)
            if configuration.idleTimeout == nil, mesh.proxy != nil { http.idleTimeout = MeshLimits.idleTimeout }
            warn(of: mesh)
        }
        // The mesh is known; nothing is left to follow.
        try await Task.sleep(for: .seconds(Int64.max / 2))
    }

    private func warn(of mesh: Mesh) {
        if mesh.kind == nil, mesh.source == .detection {
            // No mesh answers yet, and one that comes later would not work.
            for reservation in Mesh.Kind.allCases.flatMap(reservations) {
                logger.warning("in a mesh this server could not run: \(reservation)")
            }
        }
        let tcp = http.addresses.filter { $0.port > 0 }
        if mesh.kind != nil, !tcp.isEmpty, tcp.allSatisfy(\.isLoopback) {
            logger.warning(
                "the server listens on loopback only, and the mesh delivers to the pod's own address",
                metadata: ["advice": "listen on all addresses with --host 0.0.0.0 or --host ::"])
        }
    }

    private func reservations(of kind: Mesh.Kind) -> [MeshReservation] {
        MeshReservation.violated(
            in: kind, ports: configuration.http.listeners.compactMap(\.endpoint.port), userID: geteuid())
    }
}
