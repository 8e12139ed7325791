import Addressing
import JSONTree
import Testing

@testable import CNI

/// Every pair of versions: a result read in the one and written in the other.
///
/// The expected documents follow the converters of the reference library (pkg/types/{020,040,100}, v1.3.0): before
/// 0.3.0 the first address of each family with the routes of its family, destination and gateway only; from 0.3.0
/// to 0.4.0 `version` in `ips` and interfaces of three fields; from 1.0.0 all fields. `dns` is always printed before 1.0.0.
@Suite struct CNIResultConversionTests {
    /// What a version can say.
    enum Shape: String, CaseIterable, Sendable {
        case families, lists, current

        init(_ version: CNIVersion) {
            self = !version.hasInterfaces ? .families : version.namesFamilies ? .lists : .current
        }

        /// A document that uses everything the shape has.
        var document: String {
            switch self {
            case .families:
                """
                {"cniVersion":"VERSION",\
                "ip4":{"ip":"10.1.2.3/24","gateway":"10.1.2.1","routes":[{"dst":"0.0.0.0/0","gw":"10.1.2.1"},{"dst":"10.9.0.0/16"}]},\
                "ip6":{"ip":"fd00::3/64","routes":[{"dst":"::/0","gw":"fd00::1"}]},\
                "dns":{"nameservers":["10.1.2.1"],"domain":"example.org","search":["a","b"],"options":["ndots:5"]}}
                """
            case .lists:
                """
                {"cniVersion":"VERSION",\
                "interfaces":[{"name":"cni0","mac":"00:11:22:33:44:55"},{"name":"eth0","mac":"00:11:22:33:44:66","sandbox":"/run/netns/a"}],\
                "ips":[{"version":"4","interface":1,"address":"10.1.2.3/24","gateway":"10.1.2.1"},\
                {"version":"4","interface":1,"address":"10.7.0.1/16"},\
                {"version":"6","interface":1,"address":"fd00::3/64"}],\
                "routes":[{"dst":"0.0.0.0/0","gw":"10.1.2.1"},{"dst":"::/0","gw":"fd00::1"},{"dst":"10.9.0.0/16"}],\
                "dns":{"nameservers":["10.1.2.1"]}}
                """
            case .current:
                """
                {"cniVersion":"VERSION",\
                "interfaces":[{"name":"cni0","mac":"00:11:22:33:44:55","mtu":1500},\
                {"name":"eth0","mac":"00:11:22:33:44:66","mtu":1400,"sandbox":"/run/netns/a","socketPath":"/run/s","pciID":"0000:00:02.0"}],\
                "ips":[{"interface":1,"address":"10.1.2.3/24","gateway":"10.1.2.1"},{"interface":1,"address":"fd00::3/64"}],\
                "routes":[{"dst":"0.0.0.0/0","gw":"10.1.2.1","mtu":1300,"advmss":1260,"priority":100,"table":5,"scope":253},{"dst":"::/0"}]}
                """
            }
        }

        /// The document of this shape in another one.
        func converted(to target: Shape) -> String {
            switch (self, target) {
            case (.families, .families), (.lists, .lists), (.current, .current): document
            case (.families, .lists):
                """
                {"cniVersion":"VERSION",\
                "ips":[{"version":"4","address":"10.1.2.3/24","gateway":"10.1.2.1"},{"version":"6","address":"fd00::3/64"}],\
                "routes":[{"dst":"0.0.0.0/0","gw":"10.1.2.1"},{"dst":"10.9.0.0/16"},{"dst":"::/0","gw":"fd00::1"}],\
                "dns":{"nameservers":["10.1.2.1"],"domain":"example.org","search":["a","b"],"options":["ndots:5"]}}
                """
            case (.families, .current):
                """
                {"cniVersion":"VERSION",\
                "ips":[{"address":"10.1.2.3/24","gateway":"10.1.2.1"},{"address":"fd00::3/64"}],\
                "routes":[{"dst":"0.0.0.0/0","gw":"10.1.2.1"},{"dst":"10.9.0.0/16"},{"dst":"::/0","gw":"fd00::1"}],\
                "dns":{"nameservers":["10.1.2.1"],"domain":"example.org","search":["a","b"],"options":["ndots:5"]}}
                """
            case (.lists, .families):
                """
                {"cniVersion":"VERSION",\
                "ip4":{"ip":"10.1.2.3/24","gateway":"10.1.2.1","routes":[{"dst":"0.0.0.0/0","gw":"10.1.2.1"},{"dst":"10.9.0.0/16"}]},\
                "ip6":{"ip":"fd00::3/64","routes":[{"dst":"::/0","gw":"fd00::1"}]},\
                "dns":{"nameservers":["10.1.2.1"]}}
                """
            case (.lists, .current):
                """
                {"cniVersion":"VERSION",\
                "interfaces":[{"name":"cni0","mac":"00:11:22:33:44:55"},{"name":"eth0","mac":"00:11:22:33:44:66","sandbox":"/run/netns/a"}],\
                "ips":[{"interface":1,"address":"10.1.2.3/24","gateway":"10.1.2.1"},{"interface":1,"address":"10.7.0.1/16"},\
                {"interface":1,"address":"fd00::3/64"}],\
                "routes":[{"dst":"0.0.0.0/0","gw":"10.1.2.1"},{"dst":"::/0","gw":"fd00::1"},{"dst":"10.9.0.0/16"}],\
                "dns":{"nameservers":["10.1.2.1"]}}
                """
            case (.current, .families):
                """
                {"cniVersion":"VERSION",\
                "ip4":{"ip":"10.1.2.3/24","gateway":"10.1.2.1","routes":[{"dst":"0.0.0.0/0","gw":"10.1.2.1"}]},\
                "ip6":{"ip":"fd00::3/64","routes":[{"dst":"::/0"}]},"dns":{}}
                """
            case (.current, .lists):
                """
                {"cniVersion":"VERSION",\
                "interfaces":[{"name":"cni0","mac":"00:11:22:33:44:55"},{"name":"eth0","mac":"00:11:22:33:44:66","sandbox":"/run/netns/a"}],\
                "ips":[{"version":"4","interface":1,"address":"10.1.2.3/24","gateway":"10.1.2.1"},\
                {"version":"6","interface":1,"address":"fd00::3/64"}],\
                "routes":[{"dst":"0.0.0.0/0","gw":"10.1.2.1","mtu":1300,"advmss":1260,"priority":100,"table":5,"scope":253},{"dst":"::/0"}],\
                "dns":{}}
                """
            }
        }
    }

    @Test(arguments: CNIVersion.allCases, CNIVersion.allCases)
    func pair(_ from: CNIVersion, _ to: CNIVersion) throws {
        let source = Shape(from).document.versioned(from)
        let result = try CNIResult(decoding: JSONTree(parsing: source).root, assuming: .newest)
        let expected = Shape(from).converted(to: Shape(to)).versioned(to)
        #expect(try result.value(as: to).text == expected)
    }

    @Test(arguments: CNIVersion.allCases) func withoutVersionItIsTheConfigurations(_ version: CNIVersion) throws {
        let source = Shape(version).document.replacing("\"cniVersion\":\"VERSION\",", with: "")
        let result = try CNIResult(decoding: JSONTree(parsing: source).root, assuming: version)
        #expect(try result.value(as: version).text == Shape(version).document.versioned(version))
    }

    @Test(arguments: CNIVersion.allCases) func nothingIsAnEmptyResult(_ version: CNIVersion) throws {
        for text in ["null", "{}"] {
            let result = try CNIResult(decoding: JSONTree(parsing: text).root, assuming: version)
            #expect(result == CNIResult())
        }
    }

    @Test(arguments: [CNIVersion.v010, .v020]) func withoutAddressOldVersionsCannotAnswer(_ version: CNIVersion) {
        let result = CNIResult(interfaces: [CNIResult.Interface(name: "eth0")])
        let error = #expect(throws: CNIError.self) { try result.value(as: version) }
        #expect(error?.code == .inexpressibleResult)
        #expect(error?.message == "cannot convert: no valid IP addresses")
    }

    @Test func membersNoVersionKnowsAreKeptWhereTheyWere() throws {
        let source = """
            {"cniVersion":"1.0.0","interfaces":[{"name":"eth0","speed":12345678901234567890}],\
            "ips":[{"address":"10.0.0.1/8","label":"a"}],"routes":[{"dst":"0.0.0.0/0","weight":1.50}],\
            "dns":{"nameservers":["1.1.1.1"],"port":53},"vendor":{"b":1,"a":[1e400]}}
            """
        let result = try CNIResult(decoding: JSONTree(parsing: source).root, assuming: .v100)
        #expect(try result.value(as: .v100).text == source)
        let older = try result.value(as: .v040).text
        #expect(older.contains(#""speed":12345678901234567890"#))
        #expect(older.contains(#""vendor":{"b":1,"a":[1e400]}"#))
    }

    /// Found by fuzzing: `interfaces` says nothing in 0.1.0, and must not begin to when it is written as 0.3.0.
    @Test func theKeysOfAnotherShapeAreNotKept() throws {
        let old = #"{"cniVersion":"0.1.0","ip4":{"ip":"10.0.0.1/8"},"interfaces":[{"name":"eth0"}],"z":1}"#
        let result = try CNIResult(decoding: JSONTree(parsing: old).root, assuming: .v100)
        #expect(try result.value(as: .v100).text == #"{"cniVersion":"1.0.0","ips":[{"address":"10.0.0.1/8"}],"z":1}"#)
        let new = #"{"cniVersion":"1.0.0","ips":[{"address":"10.0.0.1/8"}],"ip6":{"ip":"::1/128"}}"#
        let other = try CNIResult(decoding: JSONTree(parsing: new).root, assuming: .v100)
        #expect(try other.value(as: .v020).text == #"{"cniVersion":"0.2.0","ip4":{"ip":"10.0.0.1/8"},"dns":{}}"#)
    }

    @Test func keysAreMatchedWithoutCase() throws {
        let source =
            #"{"CNIVersion":"1.0.0","IPs":[{"Address":"10.0.0.1/8","Interface":0}],"Interfaces":[{"NAME":"x"}]}"#
        let result = try CNIResult(decoding: JSONTree(parsing: source).root, assuming: .v010)
        #expect(result.ips.first?.interface == 0)
        #expect(result.interfaces.first?.name == "x")
        #expect(result.unknown.isEmpty)
    }

    @Test func hostBitsOfDestinationsAreDropped() throws {
        let source = #"{"cniVersion":"1.0.0","routes":[{"dst":"10.1.2.3/16"}]}"#
        let result = try CNIResult(decoding: JSONTree(parsing: source).root, assuming: .v100)
        #expect(result.routes.first?.destination.description == "10.1.0.0/16")
    }

    struct Malformed: Sendable, CustomTestStringConvertible {
        let source: String
        let message: String
        var testDescription: String { source }
    }

    @Test(arguments: [
        Malformed(source: "[]", message: "the configuration: must be an object, not an array"),
        Malformed(source: #"{"cniVersion":7}"#, message: "cniVersion: must be a string, not a number"),
        Malformed(
            source: #"{"cniVersion":"3.0.0"}"#,
            message: "cniVersion: is no version of the specification known here: \"3.0.0\""),
        Malformed(source: #"{"ips":{}}"#, message: "ips: must be an array, not an object"),
        Malformed(source: #"{"ips":[null]}"#, message: "ips[0]: must be an object, not null"),
        Malformed(source: #"{"ips":[{}]}"#, message: "ips[0].address: is required"),
        Malformed(
            source: #"{"ips":[{"address":"10.0.0.1/8"},{"address":7}]}"#,
            message: "ips[1].address: must be a string, not a number"),
        Malformed(
            source: #"{"ips":[{"address":"10.0.0.1/8","interface":1.5}]}"#,
            message: "ips[0].interface: must be a whole number that fits 64 bits, not 1.5"),
        Malformed(source: #"{"routes":[{"gw":"10.0.0.1"}]}"#, message: "routes[0].dst: is required"),
        Malformed(
            source: #"{"interfaces":[{"name":"a","mtu":"1500"}]}"#,
            message: "interfaces[0].mtu: must be a whole number, not a string"),
    ]) func malformedResultsAreToldWithTheirPath(_ malformed: Malformed) throws {
        let root = try JSONTree(parsing: malformed.source).root
        let error = #expect(throws: CNIError.self) { try CNIResult(decoding: root, assuming: .v110) }
        #expect(error?.code == .decoding)
        #expect(error?.message == malformed.message)
        #expect(error?.details.contains("^") == true)
    }
}

extension String {
    fileprivate func versioned(_ version: CNIVersion) -> String { replacing("VERSION", with: version.description) }
}
