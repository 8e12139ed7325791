// swift-tools-version: 6.2
//
// One fuzz program for each parser. A package of its own: a program without a `main` of its own breaks `swift build`
// and `swift test` of the package it is in. Build and run it through run.sh, which sets what it needs.

import PackageDescription

let targets = [
    "FuzzJSONTree", "FuzzAddresses", "FuzzCNIConfiguration", "FuzzCNIResults", "FuzzNetlink", "FuzzRouteMessages",
    "FuzzNFTables", "FuzzPatches", "FuzzPatterns", "FuzzCustomResources", "FuzzBuiltinObjects", "FuzzPolicies",
    "FuzzListScanner", "FuzzCalicoSelectors", "FuzzCiliumRules", "FuzzAgentMessages",
]

let package = Package(
    name: "poplin-fuzz",
    dependencies: [.package(name: "poplin", path: "..")],
    targets: [
        .target(
            name: "FuzzSupport", dependencies: [.product(name: "PoplinRooms", package: "poplin")],
            swiftSettings: [.swiftLanguageMode(.v6)])
    ]
        + targets.map {
            .executableTarget(
                name: $0,
                dependencies: ["FuzzSupport", .product(name: "PoplinRooms", package: "poplin")],
                swiftSettings: [.swiftLanguageMode(.v6), .unsafeFlags(["-parse-as-library"])])
        }
)
