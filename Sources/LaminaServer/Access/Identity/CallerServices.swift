/// What the layers in front of the routes need to know who asks, and whether they may.
struct CallerServices: Sendable {
    /// Nil where nobody needs a key.
    let keys: APIKeyStore?
    let policies: IdentityPolicyStore
    /// The mesh we are in, as far as is known now.
    let meshKind: @Sendable () -> Mesh.Kind?
    let metrics: CallerMetrics
}
