import Testing

@testable import CNI

@Suite struct CNIVersionTests {
    @Test(arguments: CNIVersion.allCases) func textRoundTrip(_ version: CNIVersion) {
        #expect(CNIVersion(version.description) == version)
    }

    @Test(arguments: ["", "1", "1.0", "v1.0.0", "1.0.0 ", "1.0.1", "0.3.2", "2.0.0", "1.1.0-rc1"])
    func onlyExactTextsAreVersions(_ text: String) {
        #expect(CNIVersion(text) == nil)
    }

    @Test func theyAreInOrder() {
        #expect(CNIVersion.allCases == CNIVersion.allCases.sorted())
        #expect(CNIVersion.newest == CNIVersion.allCases.last)
    }

    struct Feature: Sendable {
        let version: CNIVersion
        let interfaces, families, check, collection: Bool
    }

    @Test(arguments: [
        Feature(version: .v010, interfaces: false, families: false, check: false, collection: false),
        Feature(version: .v020, interfaces: false, families: false, check: false, collection: false),
        Feature(version: .v030, interfaces: true, families: true, check: false, collection: false),
        Feature(version: .v031, interfaces: true, families: true, check: false, collection: false),
        Feature(version: .v040, interfaces: true, families: true, check: true, collection: false),
        Feature(version: .v100, interfaces: true, families: false, check: true, collection: false),
        Feature(version: .v110, interfaces: true, families: false, check: true, collection: true),
    ]) func features(_ feature: Feature) {
        #expect(feature.version.hasInterfaces == feature.interfaces)
        #expect(feature.version.namesFamilies == feature.families)
        #expect(feature.version.hasCheck == feature.check)
        #expect(feature.version.hasGarbageCollection == feature.collection)
        #expect(feature.version.hasStatus == feature.collection)
    }

    @Test func numbersCompareByPart() throws {
        let ascending = try ["0.4.0", "0.10.0", "1", "1.0.1", "1.2", "10.0.0"].map { try #require(VersionNumbers($0)) }
        #expect(ascending == ascending.sorted())
    }

    @Test(arguments: ["", "x", "1.x.0", "1.0.0.0", "-1.0.0", "1..0"]) func notNumbers(_ text: String) {
        #expect(VersionNumbers(text) == nil)
    }
}
