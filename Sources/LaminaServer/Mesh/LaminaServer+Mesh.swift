import Glibc
import LaminaHTTP
import Logging

extension LaminaServer {
    /// Refuses to start where the mesh is known and keeps for itself what this process uses.
    func refuseReserved(by mesh: Mesh) throws {
        if mesh.kind != nil, let first = reservations(in: mesh).first { throw first }
    }

    /// Follows what becomes known of the mesh, until the task is cancelled.
    func followMesh() async throws {
        try await mesh.run { before, mesh in
            guard before == nil || before?.kind != mesh.kind else { return }
            try refuseReserved(by: mesh)
            if configuration.idleTimeout == nil, mesh.proxy != nil { http.idleTimeout = MeshProxy.idleTimeout }
            warn(of: mesh)
        }
        // The mesh is known; nothing is left to follow.
        try await Task.sleep(for: .seconds(Int64.max / 2))
    }

    private func warn(of mesh: Mesh) {
        if mesh.kind == nil {
            for reservation in reservations(in: mesh) {
                logger.warning(
                    "in a mesh this server would not start: \(reservation.seen)",
                    metadata: ["advice": "\(reservation.advice)"])
            }
            return
        }
        let tcp = http.addresses.filter { $0.port > 0 }
        if !tcp.isEmpty, tcp.allSatisfy(\.isLoopback) {
            logger.warning(
                "the server listens on loopback only, and the mesh delivers to the pod's own address",
                metadata: ["advice": "listen on all addresses with --host 0.0.0.0 or --host ::"])
        }
    }

    private func reservations(in mesh: Mesh) -> [MeshReservation] {
        MeshReservation.violated(in: mesh, by: configuration.http.listeners, userID: geteuid())
    }
}
