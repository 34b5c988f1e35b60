// swift-tools-version: 6.2
import PackageDescription

// Warnings are errors where LAMINA_WARNINGS_AS_ERRORS is set (CI): a newer compiler at a user's must not break the build.
let strict = Context.environment["LAMINA_WARNINGS_AS_ERRORS"] != nil

let house: [SwiftSetting] =
    [
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("MemberImportVisibility"),
    ] + (strict ? [.treatAllWarnings(as: .error)] : [])

// One instruction set per binary, for the whole kernel module: addingProduct without it calls libm lane by lane.
// Optimised in debug builds too, or the tests of the kernels would take minutes (docs/decisions/0001).
// LAMINA_INSTRUCTION_SET: another than the least the product runs on. `make build` chooses the machine's (scripts/instruction-set).
let instructionSets = [
    "x86-64-v3": ["-march=x86-64-v3"],
    "x86-64-v4": ["-march=x86-64-v4", "-mavx512vnni", "-mprefer-vector-width=256"],
    "arm64": ["-march=armv8.2-a+dotprod+fp16"],
]
#if arch(arm64)
    let leastInstructionSet = "arm64"
#else
    let leastInstructionSet = "x86-64-v3"
#endif
let instructionSet = Context.environment["LAMINA_INSTRUCTION_SET"] ?? leastInstructionSet
guard let machineFlags = instructionSets[instructionSet] else {
    fatalError("LAMINA_INSTRUCTION_SET is \(instructionSet); known: \(instructionSets.keys.sorted())")
}
let kernels: [SwiftSetting] = house + [.unsafeFlags(machineFlags.flatMap { ["-Xcc", $0] } + ["-Ounchecked"])]

// The micro benchmarks and the framework they need are a part only where LAMINA_BENCHMARKS is set (`make bench-micro`).
let hasBenchmarks = Context.environment["LAMINA_BENCHMARKS"] != nil
// They reach the scheduler, which is internal, by @testable.
let engine: [SwiftSetting] = house + (hasBenchmarks ? [.unsafeFlags(["-enable-testing"])] : [])

let package = Package(
    name: "lamina-llm-serve",
    products: [.executable(name: "lamina-llm-serve", targets: ["lamina-llm-serve"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
    ],
    targets: [
        .target(name: "CSimd"),
        .systemLibrary(name: "COpenSSL", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "CZlib", providers: [.apt(["zlib1g-dev"])]),
        .target(name: "LaminaKernels", dependencies: ["CSimd"], swiftSettings: kernels),
        .target(name: "LaminaJSON", swiftSettings: house),
        .target(name: "LaminaModel", dependencies: ["LaminaKernels", "LaminaJSON"], swiftSettings: house),
        .target(
            name: "LaminaEngine",
            dependencies: [
                "LaminaModel", "LaminaKernels",
                .product(name: "DequeModule", package: "swift-collections"),
                .product(name: "HeapModule", package: "swift-collections"),
            ],
            swiftSettings: engine),
        .target(
            name: "LaminaTelemetry",
            dependencies: ["LaminaJSON", .product(name: "Logging", package: "swift-log")],
            swiftSettings: house),
        .target(name: "CEpoll"),
        .target(
            name: "LaminaHTTP",
            dependencies: ["CEpoll", "COpenSSL", "CZlib", .product(name: "HTTPTypes", package: "swift-http-types")],
            swiftSettings: house),
        .target(
            name: "LaminaServer",
            dependencies: [
                "LaminaEngine", "LaminaModel", "LaminaKernels", "LaminaJSON", "LaminaTelemetry", "LaminaHTTP",
                "COpenSSL",
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: house),
        .executableTarget(
            name: "lamina-llm-serve",
            dependencies: [
                "LaminaServer", "LaminaEngine", "LaminaModel", "LaminaKernels", "LaminaJSON", "LaminaTelemetry",
                "LaminaHTTP",
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: house),
        .testTarget(name: "LaminaKernelsTests", dependencies: ["LaminaKernels"], swiftSettings: house),
        .testTarget(name: "LaminaJSONTests", dependencies: ["LaminaJSON"], swiftSettings: house),
        .testTarget(
            name: "LaminaModelTests", dependencies: ["LaminaModel", "LaminaKernels", "LaminaJSON"], swiftSettings: house
        ),
        .testTarget(
            name: "LaminaEngineTests", dependencies: ["LaminaEngine", "LaminaModel", "LaminaKernels"],
            swiftSettings: house),
        .testTarget(name: "LaminaTelemetryTests", dependencies: ["LaminaTelemetry"], swiftSettings: house),
        .testTarget(
            name: "LaminaHTTPTests",
            dependencies: ["LaminaHTTP", "COpenSSL", .product(name: "HTTPTypes", package: "swift-http-types")],
            exclude: ["Forwarded/xfcc-vectors.txt"], swiftSettings: house),
        .testTarget(
            name: "LaminaServerTests",
            dependencies: [
                "LaminaServer", "LaminaEngine", "LaminaModel", "LaminaHTTP", "LaminaJSON", "LaminaTelemetry",
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Logging", package: "swift-log"),
            ], swiftSettings: house),
        .testTarget(
            name: "LaminaCommandTests",
            dependencies: [
                "lamina-llm-serve", "LaminaHTTP", "LaminaJSON", "LaminaEngine",
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ], swiftSettings: house),
    ]
)

if hasBenchmarks {
    // Without its traits, which replace malloc and the runtime's reference counting.
    package.dependencies.append(.package(url: "https://github.com/ordo-one/benchmark", from: "1.38.0", traits: []))
    package.targets.append(
        .executableTarget(
            name: "MicroBenchmarks",
            dependencies: [
                "LaminaEngine", "LaminaModel", "LaminaKernels", "LaminaJSON", "LaminaHTTP",
                .product(name: "Benchmark", package: "benchmark"),
            ],
            // The framework's plugin looks for targets in a folder of that name.
            path: "benchmarks/micro/Benchmarks/MicroBenchmarks",
            swiftSettings: house,
            plugins: [.plugin(name: "BenchmarkPlugin", package: "benchmark")]))
}

// The servers that tests compare and measure with are a part only where LAMINA_TEST_SERVERS is set (scripts/test-servers).
if Context.environment["LAMINA_TEST_SERVERS"] != nil {
    package.targets.append(
        .executableTarget(
            name: "lamina-echo-server",
            dependencies: ["LaminaHTTP", "LaminaJSON", .product(name: "HTTPTypes", package: "swift-http-types")],
            path: "Tests/EchoServer",
            swiftSettings: house))
}

// The fuzz targets are a part only where LAMINA_FUZZ is set (scripts/fuzz): they link libFuzzer.
if Context.environment["LAMINA_FUZZ"] != nil {
    package.targets += [
        .target(name: "CMemoryFile", path: "Tests/Fuzz/CMemoryFile"),
        .executableTarget(
            name: "lamina-fuzz",
            dependencies: [
                "CMemoryFile", "LaminaModel", "LaminaJSON", "LaminaTelemetry", "LaminaHTTP",
                .product(name: "HTTPTypes", package: "swift-http-types"),
            ],
            path: "Tests/Fuzz/Targets",
            swiftSettings: house),
    ]
}
