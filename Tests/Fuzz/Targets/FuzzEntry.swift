// What libFuzzer calls; the main function is its own: `LAMINA_FUZZ_TARGET=request lamina-fuzz [options] [corpus folders]`.
//
// The target is named in the environment, not in an argument: libFuzzer starts itself again with its own arguments when it
// minimizes or merges.

import Glibc

private let targetVariable = "LAMINA_FUZZ_TARGET"

/// The target that the environment names; ends the process where it names none.
private let check: FuzzTarget.Check = {
    if let name = getenv(targetVariable).map({ String(cString: $0) }), let check = FuzzTarget.all[name] { return check }
    print("\(targetVariable) must be one of: \(FuzzTarget.all.keys.sorted().joined(separator: " "))")
    exit(2)
}()

/// Called by libFuzzer with each input.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    check([UInt8](UnsafeBufferPointer(start: data, count: size)))
    return 0
}
