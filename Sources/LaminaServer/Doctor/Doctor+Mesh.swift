import LaminaHTTP

extension Doctor {
    /// A place to listen at, and whether somebody does already.
    struct Place {
        let finding: Finding
        var isTaken = false
    }

    /// Where the server is to listen, and as whom.
    func examinePlaces(_ mesh: Mesh) -> [Place] {
        var places = configuration.http.listeners.map { examine($0.endpoint, mesh) }
        let reservations = MeshReservation.violated(
            in: mesh, by: configuration.http.listeners, userID: surroundings.userID)
        for reservation in reservations {
            let area: Finding.Area = if case .user = reservation.subject { .user } else { .listening }
            let level: Finding.Level = mesh.kind == nil ? .note : .error
            places.append(Place(finding: Finding(area, level, reservation.seen, advice: reservation.advice)))
        }
        return places + [Place(finding: examineUser())]
    }

    private func examine(_ endpoint: ListeningEndpoint, _ mesh: Mesh) -> Place {
        // A socket file is left alone: it may be a running server's.
        guard case .internet = endpoint else { return Place(finding: Finding(.listening, .ok, "\(endpoint.text)")) }
        do throws(SocketError) {
            let socket = try ListeningSocket(endpoint)
            defer { socket.close() }
            guard mesh.kind != nil, socket.address.isLoopback else {
                return Place(finding: Finding(.listening, .ok, "\(endpoint.text) is free"))
            }
            return Place(
                finding: Finding(
                    .listening, .warning,
                    "\(endpoint.text) is reached from within the pod only, and the mesh delivers to the pod's own address",
                    advice: "listen on all addresses with --host 0.0.0.0 or --host ::"))
        } catch {
            guard error.isAddressInUse else { return Place(finding: Finding(.listening, .error, "\(error)")) }
            return Place(
                finding: Finding(
                    .listening, .note, "on \(endpoint.text) somebody listens already",
                    advice: "if that is not this server, choose another --port"), isTaken: true)
        }
    }

    private func examineUser() -> Finding {
        guard surroundings.userID == 0 else { return Finding(.user, .ok, "user id \(surroundings.userID)") }
        return Finding(
            .user, .note, "the process runs as root, which it does not need",
            advice: "run it as another user (runAsNonRoot)")
    }

    /// The sidecar, and what must be otherwise behind one.
    func examineMesh(_ mesh: Mesh) -> [Finding] {
        guard let kind = mesh.kind else { return [examineNoMesh(mesh)] }
        let seen = "\(kind.productName), as \(mesh.source.words)"
        guard mesh.proxy != nil else { return [Finding(.mesh, .ok, seen)] }
        if let fault = mesh.fault { return [Finding(.mesh, .warning, "\(seen); \(fault.seen)", advice: fault.advice)] }
        return [Finding(.mesh, .ok, "\(seen); its proxy lets traffic through")] + examineBehindProxy()
    }

    private func examineNoMesh(_ mesh: Mesh) -> Finding {
        guard mesh.source == .detection else { return Finding(.mesh, .ok, "none, as \(mesh.source.words)") }
        let ports = watch.settings.ports
        return Finding(
            .mesh, .note,
            "no sidecar answers on loopback (ports \(ports.istioStatus), \(ports.istioAgent) and \(ports.linkerdAdmin))",
            advice: "in a mesh without sidecars, which cannot be noticed, give --mesh ambient")
    }

    private func examineBehindProxy() -> [Finding] {
        var findings: [Finding] = []
        if let idle = configuration.idleTimeout, idle < MeshProxy.envoyIdleTimeout {
            findings.append(
                Finding(
                    .mesh, .warning,
                    "idle connections are closed after \(idle.components.seconds) s, and Envoy keeps them for an hour",
                    advice: "leave --idle-timeout out: a request that crosses the close is answered with 503"))
        }
        if let count = configuration.http.maximumConnectionsPerPeer {
            findings.append(
                Finding(
                    .mesh, .warning, "one peer may have \(count) connections, and all clients come through the sidecar",
                    advice: "leave --max-connections-per-peer out"))
        }
        if configuration.tls != nil {
            findings.append(
                Finding(
                    .mesh, .note, "the server speaks TLS itself, inside the mesh's own",
                    advice: "leave --tls-certificate out, or keep the sidecar away from the port"))
        }
        return findings
    }

    /// What the pod says of itself by the downward API: a mesh names workloads by namespace and service account.
    func examineWorkload() -> [Finding] {
        let names = ["POD_NAMESPACE", "SERVICE_ACCOUNT", "POD_NAME"]
        let known = names.compactMap { name in surroundings.environment[name].map { "\(name)=\($0)" } }
        let missing = names.filter { surroundings.environment[$0] == nil }
        guard surroundings.isInKubernetes, !missing.isEmpty else {
            return known.isEmpty ? [] : [Finding(.workload, .ok, known.joined(separator: " "))]
        }
        return [
            Finding(
                .workload, .note,
                (known + ["the pod does not say \(missing.joined(separator: ", "))"]).joined(separator: "; "),
                advice: "set these variables by the downward API (fieldRef), as the chart does")
        ]
    }

    /// What Kubernetes must allow for, and cannot be seen from inside.
    func examineShutdown() -> [Finding] {
        guard surroundings.isInKubernetes else { return [] }
        let most = (configuration.drainDelay + configuration.drainTimeout).components.seconds
        return [
            Finding(
                .shutdown, .note, "an orderly end takes up to \(most) s",
                advice: "terminationGracePeriodSeconds must be at least \(most + 10), preStop hook aside")
        ]
    }
}

extension ListeningEndpoint {
    /// As addresses are shown.
    fileprivate var text: String {
        switch self {
        case .internet(let host, let port): SocketAddress.internet(host: host, port: port).description
        case .unix(let path, _): SocketAddress.unix(path: path).description
        }
    }
}

extension Mesh.Source {
    /// Who says so, after "as".
    fileprivate var words: String {
        switch self {
        case .option: "--mesh says"
        case .environment: "LAMINA_MESH says"
        case .detection: "its proxy on loopback shows"
        }
    }
}
