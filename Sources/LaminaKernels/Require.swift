/// Stops the program where `condition` does not hold: a fault of ours. This module is built with -Ounchecked, where a
/// `precondition` is no check but a promise to the optimizer.
@inline(always)
func require(_ condition: Bool, _ message: StaticString) {
    if !condition { fatalError("\(message)") }
}
