// What the kernels' tests use of Swift Testing, for Embedded Swift, which has no such library: the translator beside this
// file turns each test into a call of `TestRun.test`, and `#expect` into `expect`.
import Glibc
import Synchronization

/// Counts what ran, and prints what failed.
enum TestRun {
    // Tests run one after the other on the main thread.
    nonisolated(unsafe) private static var passed = 0
    nonisolated(unsafe) private static var failed = 0
    nonisolated(unsafe) fileprivate static var failures = 0

    /// Runs one case of a test and says which it was where an expectation in it fails.
    static func test(_ name: StaticString, case number: Int, _ body: () -> Void) {
        failures = 0
        body()
        if failures == 0 {
            passed += 1
        } else {
            failed += 1
            print("FAILED: \(name), case \(number): \(failures) expectations")
        }
    }

    /// Prints the totals; the process's exit status.
    static func finish() -> Int32 {
        print("\(passed) passed, \(failed) failed")
        return failed == 0 && passed > 0 ? 0 : 1
    }
}

/// `#expect`: notes a failure and goes on.
func expect(_ condition: Bool, _ comment: Comment? = nil, line: UInt = #line, file: StaticString = #fileID) {
    guard !condition else { return }
    TestRun.failures += 1
    if TestRun.failures <= 5 { print("\(file):\(line): expectation failed") }
}

/// `#require` of an optional value: without it, the run ends here.
func unwrapped<Value>(_ value: Value?, line: UInt = #line, file: StaticString = #fileID) -> Value {
    guard let value else {
        print("\(file):\(line): a required value is missing")
        exit(1)
    }
    return value
}

/// The text of an expectation. Embedded Swift cannot print values of any type, so it is dropped; the line is printed.
struct Comment: ExpressibleByStringInterpolation {
    struct StringInterpolation: StringInterpolationProtocol {
        init(literalCapacity: Int, interpolationCount: Int) {}
        mutating func appendLiteral(_ literal: String) {}
        mutating func appendInterpolation<Value>(_ value: Value) {}
    }

    init(stringLiteral value: String) {}
    init(stringInterpolation: StringInterpolation) {}
}

/// `Synchronization.Mutex`, which Embedded Swift has for no bare ELF target.
final class Mutex<Value>: @unchecked Sendable {
    // Sendable: the value is touched only by the thread that set the flag.
    private let isLocked = Atomic(false)
    private var value: Value

    init(_ value: Value) { self.value = value }

    func withLock<Result>(_ body: (inout Value) -> Result) -> Result {
        while isLocked.exchange(true, ordering: .acquiring) { sched_yield() }
        defer { isLocked.store(false, ordering: .releasing) }
        return body(&value)
    }
}
