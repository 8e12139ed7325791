import JSONTree
import Testing

@testable import CNI

@Suite struct PluginConfigurationTests {
    struct Bad: Sendable, CustomTestStringConvertible {
        let rule: String
        let source: String
        var command = CNIRequest.Command.add
        let code: CNIError.Code
        let message: String
        /// Line and column in the details, with a caret below; nil when there is no place.
        var place: String?
        var testDescription: String { rule }
    }

    static let bad: [Bad] = [
        Bad(
            rule: "empty input", source: "", code: .decoding,
            message: "error unmarshall network config: line 1, column 1: ", place: "line 1, column 1"),
        Bad(
            rule: "only blanks", source: " \n ", code: .decoding,
            message: "error unmarshall network config: line 2, column 2: ", place: "line 2, column 2"),
        Bad(
            rule: "byte order mark", source: "\u{FEFF}{\"name\":\"n\"}", code: .decoding,
            message: "error unmarshall network config: line 1, column 1: ", place: "line 1, column 1"),
        Bad(
            rule: "trailing comma", source: "{\n  \"name\": \"n\",\n}", code: .decoding,
            message: "error unmarshall network config: ", place: "line"),
        Bad(
            rule: "unquoted key", source: "{name: 1}", code: .decoding,
            message: "error unmarshall network config: line 1, column 2: ", place: "line 1, column 2"),
        Bad(
            rule: "cut off", source: #"{"name": "n", "ipam": {"#, code: .decoding,
            message: "error unmarshall network config: ", place: "line 1"),
        Bad(
            rule: "something behind", source: #"{"name":"n"} x"#, code: .decoding,
            message: "error unmarshall network config: line 1, column 14: ", place: "line 1, column 14"),
        Bad(
            rule: "an array", source: "[1]", code: .decoding,
            message: "error unmarshall network config: must be an object, not an array", place: "line 1, column 1"),
        Bad(rule: "null", source: "null", code: .invalidConfiguration, message: "missing network name"),
        Bad(rule: "no name", source: "{}", code: .invalidConfiguration, message: "missing network name"),
        Bad(rule: "empty name", source: #"{"name":""}"#, code: .invalidConfiguration, message: "missing network name"),
        Bad(
            rule: "name with a blank", source: #"{"name":"a b"}"#, code: .invalidConfiguration,
            message: "invalid characters found in network name"),
        Bad(
            rule: "name is a number", source: "{\n \"name\": 7}", code: .invalidConfiguration,
            message: "name: must be a string, not a number", place: "line 2, column 10"),
        Bad(
            rule: "version is a number", source: #"{"name":"n","cniVersion":1.0}"#, code: .invalidConfiguration,
            message: "cniVersion: must be a string, not a number", place: "line 1, column 26"),
        Bad(
            rule: "unknown version", source: #"{"name":"n","cniVersion":"9.0.0"}"#, code: .incompatibleVersion,
            message: "incompatible CNI versions"),
        Bad(
            rule: "nearly a version", source: #"{"name":"n","cniVersion":"1.0.1"}"#, code: .incompatibleVersion,
            message: "incompatible CNI versions"),
        Bad(
            rule: "CHECK before 0.4.0", source: #"{"name":"n","cniVersion":"0.3.1"}"#, command: .check,
            code: .incompatibleVersion, message: "config version does not allow CHECK"),
        Bad(
            rule: "CHECK without version", source: #"{"name":"n"}"#, command: .check, code: .incompatibleVersion,
            message: "config version does not allow CHECK"),
        Bad(
            rule: "GC before 1.1.0", source: #"{"name":"n","cniVersion":"1.0.0"}"#, command: .collectGarbage,
            code: .incompatibleVersion, message: "config version does not allow GC"),
        Bad(
            rule: "STATUS before 1.1.0", source: #"{"name":"n","cniVersion":"1.0.0"}"#, command: .status,
            code: .incompatibleVersion, message: "config version does not allow STATUS"),
        Bad(
            rule: "CHECK of no version at all", source: #"{"name":"n","cniVersion":"x"}"#, command: .check,
            code: .decoding, message: "cniVersion \"x\" is not a version number"),
    ]

    @Test(arguments: bad) func badInput(_ bad: Bad) {
        let error = #expect(throws: CNIError.self) {
            try PluginConfiguration(
                parsing: Array(bad.source.utf8), for: bad.command, supporting: CNIVersion.allCases)
        }
        #expect(error?.code == bad.code)
        #expect(error?.message.hasPrefix(bad.message) == true, "\(error?.message ?? "")")
        if let place = bad.place {
            #expect(error?.details.contains(place) == true, "\(error?.details ?? "")")
            #expect(error?.details.contains("^") == true)
            #expect(error?.position != nil)
        }
    }

    @Test func theVersionsListedAreThePlugins() {
        let error = #expect(throws: CNIError.self) {
            try PluginConfiguration(
                parsing: Array(#"{"name":"n","cniVersion":"0.2.0"}"#.utf8), for: .add, supporting: [.v040, .v100])
        }
        #expect(error?.details == #"config is "0.2.0", plugin supports ["0.4.0" "1.0.0"]"#)
    }

    @Test(arguments: [#"{"name":"n"}"#, #"{"name":"n","cniVersion":""}"#, #"{"name":"n","cniVersion":null}"#])
    func withoutVersionItIs010(_ source: String) throws {
        #expect(try configuration(source).cniVersion == .v010)
    }

    @Test func keysWithoutCaseAndUnknownOnes() throws {
        let configuration = try configuration(
            #"{"NAME":"n","CniVersion":"1.0.0","Type":"bridge","IPAM":{"TYPE":"host-local"},"nobody":{"knows":1}}"#)
        #expect(configuration.name == "n")
        #expect(configuration.cniVersion == .v100)
        #expect(configuration.type == "bridge")
        #expect(try configuration.ipam?.string("type") == "host-local")
    }

    @Test func duplicateKeysTheLastCounts() throws {
        #expect(try configuration(#"{"name":"a","name":"b"}"#).name == "b")
    }

    @Test(arguments: [
        #"{"name":"n"}"#, #"{"name":"n","ipam":null}"#, #"{"name":"n","ipam":{}}"#, #"{"name":"n","ipam":{"type":""}}"#,
    ])
    func withoutAddressManager(_ source: String) throws {
        #expect(try configuration(source).ipam == nil)
    }

    @Test func previousResult() throws {
        let chained = try configuration(
            #"{"name":"n","cniVersion":"0.2.0","prevResult":{"ip4":{"ip":"10.0.0.1/8"}}}"#)
        #expect(try chained.requiredPreviousResult().ips.count == 1)
        let first = try configuration(#"{"name":"n"}"#)
        #expect(try first.previousResult() == nil)
        let error = #expect(throws: CNIError.self) { try first.requiredPreviousResult() }
        #expect(error?.code == .unusablePreviousResult)
        let broken = try configuration(#"{"name":"n","cniVersion":"1.0.0","prevResult":{"ips":7}}"#)
        #expect(throws: CNIError.self) { try broken.previousResult() }
        #expect(broken.readablePreviousResult == nil)
    }

    struct Attachments: Sendable {
        let source: String
        let expected: [CNIAttachment]?
    }

    @Test(arguments: [
        Attachments(source: #"{"name":"n"}"#, expected: nil),
        Attachments(source: #"{"name":"n","cni.dev/valid-attachments":null}"#, expected: nil),
        Attachments(source: #"{"name":"n","cni.dev/valid-attachments":[]}"#, expected: []),
        Attachments(source: #"{"name":"n","cni.dev/attachments":[]}"#, expected: []),
        Attachments(
            source:
                #"{"name":"n","cni.dev/valid-attachments":[{"containerID":"c","ifname":"eth0"}],"cni.dev/attachments":[]}"#,
            expected: [CNIAttachment(containerID: "c", interfaceName: "eth0")]),
        Attachments(
            source: #"{"name":"n","cni.dev/attachments":[{"containerID":"c","ifname":"eth0","x":1}]}"#,
            expected: [CNIAttachment(containerID: "c", interfaceName: "eth0")]),
    ]) func absenceIsNotAnEmptyList(_ attachments: Attachments) throws {
        #expect(try configuration(attachments.source).validAttachments() == attachments.expected)
    }

    private func configuration(_ source: String) throws -> PluginConfiguration {
        try PluginConfiguration(parsing: Array(source.utf8), for: .add, supporting: CNIVersion.allCases)
    }
}
