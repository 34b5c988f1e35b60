import LaminaTelemetry

/// Which mesh the process runs in, and whether its sidecar lets traffic through.
struct MeshMetrics: MetricSource {
    let descriptors: [MetricDescriptor]
    private let watch: MeshWatch

    init(_ watch: MeshWatch) throws {
        self.watch = watch
        descriptors = [
            try MetricDescriptor(
                name: "lamina_mesh_info",
                help: "The mesh, and whether an option, the environment or detection says so; always 1.", kind: .gauge,
                labelNames: ["mode", "source"]),
            try MetricDescriptor(
                name: "lamina_mesh_proxy_ready",
                help: "Whether the mesh's sidecar lets traffic through; absent where there is none.", kind: .gauge),
        ]
    }

    func snapshot() -> [MetricFamilySnapshot] {
        let mesh = watch.current
        var series: [[MetricFamilySnapshot.Series]] = [
            [.init(labelValues: [mesh.modeName, mesh.source.rawValue], value: .number(1))]
        ]
        if mesh.proxy != nil { series.append([.init(value: .number(mesh.proxyState == .ready ? 1 : 0))]) }
        return zip(descriptors, series).map { MetricFamilySnapshot(descriptor: $0, series: $1) }
    }
}
