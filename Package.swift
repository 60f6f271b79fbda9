// swift-tools-version: 6.2
// SPDX-License-Identifier: Apache-2.0
import PackageDescription

/// Held for every target of ours: strict concurrency comes with the tools version, the rest is opt-in.
let strict: [SwiftSetting] = [
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("ExistentialAny"),
    .treatAllWarnings(as: .error),
]

let nio: [Target.Dependency] = [
    .product(name: "NIOCore", package: "swift-nio"),
    .product(name: "NIOPosix", package: "swift-nio"),
]
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let metrics: Target.Dependency = .product(name: "Metrics", package: "swift-metrics")
let core: Target.Dependency = "SluiceCore"

let package = Package(
    name: "sluice",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "sluice", targets: ["sluice"]),
        .executable(name: "sluice-worker", targets: ["SluiceWorker"]),
        .executable(name: "sluice-load", targets: ["SluiceLoad"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    ],
    targets: [
        // The C libraries: a module map and a shim each, nothing to compile.
        .systemLibrary(name: "CClamAV"),
        .systemLibrary(name: "CSPF2"),
        .systemLibrary(name: "COpenDKIM"),
        .systemLibrary(name: "COpenSSL"),
        .systemLibrary(name: "CUnbound"),
        .systemLibrary(name: "CPCRE2"),
        .systemLibrary(name: "CLinux"),

        // 0: values.
        .target(
            name: "SluiceCore",
            dependencies: [.product(name: "NIOCore", package: "swift-nio")],
            swiftSettings: strict),

        // 1: protocols, both sides, and the door to C.
        .target(
            name: "SluiceSMTP",
            dependencies: [core, logging, .product(name: "NIOSSL", package: "swift-nio-ssl")] + nio,
            swiftSettings: strict),
        .target(
            name: "SluiceMilter",
            dependencies: [core, logging] + nio,
            swiftSettings: strict),
        .target(
            name: "SluiceNative",
            dependencies: [
                core, "SluiceWorkerProtocol", "CSPF2", "COpenDKIM", "COpenSSL", "CUnbound", "CPCRE2",
                "CLinux", logging,
                .product(name: "NIOCore", package: "swift-nio"),
            ],
            swiftSettings: strict),

        // 2: the chain, the queue, the history.
        .target(
            name: "SluiceFilter",
            dependencies: [core, "SluiceNative", logging, metrics, .product(name: "NIOCore", package: "swift-nio")],
            swiftSettings: strict),
        .target(
            name: "SluiceQueue",
            dependencies: [core, "SluiceNative", logging, metrics, .product(name: "NIOCore", package: "swift-nio")],
            swiftSettings: strict),
        .target(
            name: "SluiceHistory",
            dependencies: [core, "SluiceNative", logging, .product(name: "GRDB", package: "GRDB.swift")],
            swiftSettings: strict),

        // 3: the stages, the delivery.
        .target(
            name: "SluiceStages",
            dependencies: [
                core, "SluiceMilter", "SluiceNative", "SluiceFilter", logging,
            ] + nio,
            resources: [.embedInCode("Embedded")],
            swiftSettings: strict),
        .target(
            name: "SluiceDelivery",
            dependencies: [
                core, "SluiceSMTP", "SluiceQueue", logging, metrics,
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ] + nio,
            swiftSettings: strict),

        // 4: composition.
        .target(
            name: "SluiceServer",
            dependencies: [
                core, "SluiceSMTP", "SluiceMilter", "SluiceNative", "SluiceFilter", "SluiceQueue", "SluiceHistory",
                "SluiceStages", "SluiceDelivery", logging, metrics,
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
                .product(name: "Yams", package: "Yams"),
            ] + nio,
            resources: [.embedInCode("Embedded")],
            swiftSettings: strict),

        // 5: the command line.
        .executableTarget(
            name: "sluice",
            dependencies: [
                core, "SluiceSMTP", "SluiceNative", "SluiceFilter", "SluiceQueue", "SluiceHistory", "SluiceStages",
                "SluiceDelivery", "SluiceServer", logging,
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ] + nio,
            swiftSettings: strict),

        // Beside it: the process that libclamav may crash in.
        .target(name: "SluiceWorkerProtocol", swiftSettings: strict),
        .executableTarget(
            name: "SluiceWorker", dependencies: ["SluiceWorkerProtocol", "CClamAV", "CLinux"], swiftSettings: strict),

        // Tests.
        .target(
            name: "SluiceTesting",
            dependencies: [core, "SluiceSMTP", logging, .product(name: "NIOSSL", package: "swift-nio-ssl")] + nio,
            path: "Tests/SluiceTesting",
            swiftSettings: strict),
        // What `make soak` and `make load` run: drives `sluice serve` and measures it.
        .executableTarget(
            name: "SluiceLoad",
            dependencies: [
                "SluiceNative", "SluiceTesting", .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ] + nio,
            path: "Tests/SluiceLoad",
            swiftSettings: strict),
        // What is fuzzed; the tests replay it (docs/fuzzing.md).
        .target(
            name: "SluiceFuzzing",
            dependencies: [
                core, "SluiceSMTP", "SluiceMilter", "SluiceNative", "SluiceQueue", "SluiceStages", "SluiceServer",
                "SluiceWorkerProtocol", "SluiceTesting", logging, .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOEmbedded", package: "swift-nio"),
            ],
            path: "Fuzz/SluiceFuzzing",
            swiftSettings: strict),
        .testTarget(
            name: "SluiceFuzzingTests", dependencies: ["SluiceFuzzing", "SluiceTesting"], swiftSettings: strict),
    ]
        + [
            ("SluiceCore", []), ("SluiceSMTP", []), ("SluiceMilter", []),
            ("SluiceNative", ["SluiceWorkerProtocol", "COpenDKIM"]),
            ("SluiceFilter", ["SluiceNative"]),
            ("SluiceQueue", ["SluiceNative"]), ("SluiceHistory", []),
            ("SluiceStages", ["SluiceFilter", "SluiceMilter", "SluiceNative"]),
            ("SluiceDelivery", ["SluiceSMTP", "SluiceQueue"]),
            (
                "SluiceServer",
                [
                    "SluiceSMTP", "SluiceMilter", "SluiceNative", "SluiceFilter", "SluiceQueue", "SluiceHistory",
                    "SluiceStages", "SluiceDelivery",
                ]
            ),
        ].map { (name: String, others: [String]) in
            Target.testTarget(
                name: "\(name)Tests",
                dependencies: [.byName(name: name), "SluiceTesting", logging]
                    + (name == "SluiceCore" ? [] : [core]) + others.map { .byName(name: $0) } + nio
                    + [
                        .product(name: "NIOEmbedded", package: "swift-nio"),
                        .product(name: "NIOSSL", package: "swift-nio-ssl"),
                    ]
                    + (name == "SluiceServer" ? [.product(name: "NIOHTTP1", package: "swift-nio"), metrics] : []),
                swiftSettings: strict)
        },
    swiftLanguageModes: [.v6]
)

// Only `make fuzz` builds it, with libFuzzer, which brings the main function.
if Context.environment["SLUICE_FUZZ"] != nil {
    package.targets.append(
        .executableTarget(
            name: "sluice-fuzz", dependencies: ["SluiceFuzzing"], path: "Fuzz/sluice-fuzz",
            swiftSettings: strict + [.unsafeFlags(["-parse-as-library"])],
            linkerSettings: [.unsafeFlags(["-sanitize=fuzzer"])]))
}
