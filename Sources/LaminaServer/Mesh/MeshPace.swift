/// How long and how often proxies are asked.
package struct MeshPace: Sendable {
    /// For the first answer. On loopback it takes less than a millisecond, a refusal too.
    var firstAnswer = Duration.milliseconds(250)
    /// For later answers, which the model's computation may delay.
    var answer = Duration.seconds(2)
    /// How long a proxy that nobody named is looked for: a classic sidecar starts beside this process.
    var search = Duration.seconds(30)
    /// Between two looks while none has been found, or none that is ready.
    var searchInterval = Duration.milliseconds(500)
    /// Between two looks at one that was ready.
    var watchInterval = Duration.seconds(10)
    /// For a proxy to take the word that it may exit.
    var farewell = Duration.seconds(5)

    /// The pace of a server.
    package init() {}
}
