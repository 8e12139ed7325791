import JSONTree
import Testing

@testable import CNI

@Suite struct NetworkConfigurationListTests {
    private func list(_ source: String, _ form: NetworkConfigurationList.Form = .list) throws
        -> NetworkConfigurationList
    {
        try NetworkConfigurationList(parsing: Array(source.utf8), form: form)
    }

    struct Negotiation: Sendable, CustomTestStringConvertible {
        let members: String
        let version: CNIVersion
        var testDescription: String { members }
    }

    @Test(arguments: [
        Negotiation(members: "", version: .v010),
        Negotiation(members: #""cniVersion":"0.4.0","#, version: .v040),
        Negotiation(members: #""cniVersion":"0.4.0","cniVersions":["0.3.1","1.0.0"],"#, version: .v100),
        Negotiation(members: #""cniVersion":"1.1.0","cniVersions":["0.3.1"],"#, version: .v110),
        Negotiation(members: #""cniVersions":["1.0.0","1.1.0","1.2.0","9.0.0"],"#, version: .v110),
        Negotiation(members: #""cniVersion":"9.0.0","cniVersions":["1.0.0"],"#, version: .v100),
        Negotiation(members: #""cniVersions":[],"#, version: .v010),
    ]) func theHighestVersionWeSpeak(_ negotiation: Negotiation) throws {
        let list = try list("{\(negotiation.members)\"name\":\"n\",\"plugins\":[{\"type\":\"a\"}]}")
        #expect(list.cniVersion == negotiation.version)
    }

    struct Bad: Sendable, CustomTestStringConvertible {
        let source: String
        let message: String
        var form = NetworkConfigurationList.Form.list
        var testDescription: String { source }
    }

    @Test(arguments: [
        Bad(source: "{", message: "error parsing configuration: "),
        Bad(source: "[]", message: "the configuration: must be an object, not an array"),
        Bad(source: #"{"plugins":[{"type":"a"}]}"#, message: "name: is required"),
        Bad(source: #"{"name":"a/b","plugins":[{"type":"a"}]}"#, message: "name: must begin with"),
        Bad(
            source: #"{"name":"n","cniVersion":"9.0.0","plugins":[{"type":"a"}]}"#,
            message: #"cniVersion: is no version known here: "9.0.0""#),
        Bad(
            source: #"{"name":"n","cniVersions":["1.0.0",1],"plugins":[{"type":"a"}]}"#,
            message: "cniVersions[1]: must be a string"),
        Bad(
            source: #"{"name":"n","cniVersions":["x"],"plugins":[{"type":"a"}]}"#,
            message: #"cniVersions[0]: is not a version number: "x""#),
        Bad(
            source: #"{"name":"n","disableCheck":"maybe","plugins":[{"type":"a"}]}"#,
            message: "disableCheck: must be true or false"),
        Bad(
            source: #"{"name":"n","disableGC":1,"plugins":[{"type":"a"}]}"#, message: "disableGC: must be true or false"
        ),
        Bad(
            source: #"{"name":"n","loadOnlyInlinedPlugins":true}"#,
            message: "loadOnlyInlinedPlugins: is true, and there is no"),
        Bad(source: #"{"name":"n","plugins":[]}"#, message: "plugins: is empty"),
        Bad(source: #"{"name":"n","plugins":{}}"#, message: "plugins: must be an array, not an object"),
        Bad(source: #"{"name":"n","plugins":[{"type":"a"},{}]}"#, message: "plugins[1].type: is required"),
        Bad(
            source: #"{"name":"n","plugins":[{"type":"../a"}]}"#,
            message: "plugins[0].type: must be a file name, not a path"),
        Bad(
            source: #"{"name":"n","plugins":[{"type":"a","capabilities":{"mac":1}}]}"#,
            message: "plugins[0].capabilities.mac: must be true or false"),
        Bad(source: #"{"name":"n"}"#, message: "type: is required", form: .plugin),
        Bad(source: #"{"name":"n","plugins":[]}"#, message: "plugins: makes this a list", form: .plugin),
    ]) func refused(_ bad: Bad) {
        let error = #expect(throws: CNIError.self) { try list(bad.source, bad.form) }
        #expect(error?.message.hasPrefix(bad.message) == true, "\(error?.message ?? "")")
        #expect(error?.position != nil)
        #expect(error?.details.contains("^") == true)
    }

    @Test func flagsMayBeTexts() throws {
        let list = try list(
            #"{"name":"n","disableCheck":"True","disableGC":"FALSE","loadOnlyInlinedPlugins":true,"plugins":[{"type":"a"}]}"#
        )
        #expect(list.disableCheck)
        #expect(!list.disableGC)
        #expect(list.loadOnlyInlinedPlugins)
    }

    @Test func aSinglePluginIsAListOfOne() throws {
        for form in [NetworkConfigurationList.Form.plugin, .either] {
            let list = try list(#"{"name":"n","type":"bridge","cniVersion":"0.3.1"}"#, form)
            #expect(list.plugins.map(\.type) == ["bridge"])
            #expect(list.cniVersion == .v031)
        }
    }

    @Test func aListWithoutPluginsWaitsForItsFolder() throws {
        #expect(try list(#"{"name":"n"}"#).plugins.isEmpty)
    }

    @Test func theConfigurationOfOnePlugin() throws {
        let list = try list(
            """
            {"cniVersion":"1.0.0","name":"n","plugins":[{"type":"a","huge":123456789012345678901234567890,"f":1.10,\
            "Name":"old","capabilities":{"portMappings":true,"mac":false},"z":{"b":1,"a":2,"b":3}}]}
            """)
        let request = try list.request(
            for: list.plugins[0], previousResult: CNIResult(interfaces: [CNIResult.Interface(name: "eth0")]),
            capabilityArguments: [JSONMember("mac", "x"), JSONMember("portMappings", [])])
        let text = String(decoding: request, as: UTF8.self)
        let node = try JSONTree(parsing: request).root
        #expect(text.contains(#""huge":123456789012345678901234567890,"f":1.10"#))
        #expect(text.contains(#""z":{"b":1,"a":2,"b":3}"#))
        #expect(node["name"]?.string == "n")
        #expect(node["cniVersion"]?.string == "1.0.0")
        #expect(node["prevResult"]?["cniVersion"]?.string == "1.0.0")
        #expect(node["runtimeConfig"]?.members.map(\.key) == ["portMappings"])
        #expect(node["cni.dev/valid-attachments"] == nil)
    }

    @Test func garbageCollectionSendsBothKeys() throws {
        let list = try list(#"{"cniVersion":"1.1.0","name":"n","plugins":[{"type":"a"}]}"#)
        let request = try list.request(
            for: list.plugins[0], validAttachments: [CNIAttachment(containerID: "c", interfaceName: "eth0")])
        let configuration = try PluginConfiguration(
            parsing: request, for: .collectGarbage, supporting: CNIVersion.allCases)
        #expect(try configuration.validAttachments() == [CNIAttachment(containerID: "c", interfaceName: "eth0")])
        #expect(configuration.root["cni.dev/attachments"]?.count == 1)
    }
}
