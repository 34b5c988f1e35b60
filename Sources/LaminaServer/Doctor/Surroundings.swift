package import LaminaEngine
package import LaminaTelemetry

/// What a process sees of the machine, or the container, that it runs in.
package struct Surroundings: Sendable {
    /// Memory and processors that are left for it.
    package var resources: SystemResources
    /// The most descriptors it may open.
    package var descriptorLimit: Int
    /// The user it runs as.
    package var userID: UInt32
    /// The time.
    package var now: UnixTime
    /// The environment's variables.
    package var environment: [String: String]

    /// Surroundings of these parts.
    package init(
        resources: SystemResources, descriptorLimit: Int, userID: UInt32, now: UnixTime, environment: [String: String]
    ) {
        self.resources = resources
        self.descriptorLimit = descriptorLimit
        self.userID = userID
        self.now = now
        self.environment = environment
    }

    /// Whether the process runs in a pod: Kubernetes tells every container where its API is.
    var isInKubernetes: Bool { environment["KUBERNETES_SERVICE_HOST"] != nil }
}
