/// What this build is.
package enum BuildInfo {
    /// Semantic version; CHANGELOG.md says what each brought.
    package static let version = "0.1.0"
}
