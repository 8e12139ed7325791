// swift-tools-version: 6.2
//
// What an informer costs. Run it through Benchmarks/run-informer, which builds it with only the rooms it needs.

import PackageDescription

let package = Package(
    name: "informer-bench",
    dependencies: [.package(name: "poplin", path: "../..")],
    targets: [
        .executableTarget(
            name: "informer-bench", dependencies: [.product(name: "PoplinRooms", package: "poplin")],
            swiftSettings: [.swiftLanguageMode(.v6)])
    ]
)
