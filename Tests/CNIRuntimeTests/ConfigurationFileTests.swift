import CNI
import CNIRuntime
import JSONTree
import Testing

struct ConfigurationFileTests {
    struct Bad: Sendable, CustomTestStringConvertible {
        let rule: String
        var file = "/etc/cni/net.d/10-x.conflist"
        let text: String
        /// `line:column severity code message`, one for each problem in order.
        let problems: [String]
        var usable = false
        var testDescription: String { rule }
    }

    @Test(arguments: [
        Bad(rule: "empty file", text: "", problems: ["1:1 error CFG-02 not valid JSON"]),
        Bad(
            rule: "byte order mark", text: "\u{FEFF}{}",
            problems: [
                "1:1 error CFG-02 not valid JSON"
            ]),
        Bad(
            rule: "trailing comma", text: #"{"name": "n", "plugins": [{"type": "a"},]}"#,
            problems: ["1:40 error CFG-02 not valid JSON"]),
        Bad(
            rule: "an array is no network", text: "[]",
            problems: ["1:1 error CNI-7 a network configuration is an object, not an array"]),
        Bad(
            rule: "every problem is told, not just the first",
            text: """
                {
                  "name": "_x",
                  "cniVersion": "9.9.9",
                  "disableCheck": "maybe",
                  "plugins": [
                    {"type": "/bin/sh"},
                    {"capabilities": {"mac": 1}},
                    7
                  ]
                }
                """,
            problems: [
                "2:11 error CNI-7 invalid characters found in network name",
                "3:17 error CFG-07 cniVersion \"9.9.9\" is no version of the specification known here",
                "4:19 error CNI-7 disableCheck must be true or false, not \"maybe\"",
                "6:14 error CNI-7 type must be the name of a file, not a path",
                "7:5 error CNI-7 the plugin has no type",
                "7:30 error CNI-7 capabilities.mac must be true or false, not a number",
                "8:5 error CNI-7 a plugin is an object, not a number",
            ]),
        Bad(
            rule: "no name", text: #"{"plugins": [{"type": "a"}]}"#,
            problems: ["1:1 error CNI-7 the network has no name"]),
        Bad(
            rule: "no plugins", text: #"{"name": "n"}"#, problems: ["1:1 error CNI-7 the list has no plugins"]),
        Bad(
            rule: "an empty list of plugins", text: #"{"name": "n", "plugins": []}"#,
            problems: ["1:26 error CNI-7 the list has no plugins"]),
        Bad(
            rule: "loadOnlyInlinedPlugins needs plugins", text: #"{"name": "n", "loadOnlyInlinedPlugins": true}"#,
            problems: ["1:1 error CNI-7 the list has no plugins"]),
        Bad(
            rule: "a version must be a string", text: #"{"name": "n", "cniVersion": 1.0, "plugins": [{"type":"a"}]}"#,
            problems: ["1:29 error CNI-7 cniVersion must be a string, not a number"]),
        Bad(
            rule: "an entry of cniVersions must be a string",
            text: #"{"name": "n", "cniVersions": ["1.0.0", 1], "plugins": [{"type":"a"}]}"#,
            problems: ["1:40 error CNI-7 cniVersions: a version is a string, not a number"]),
        Bad(
            rule: "a list in a .conf file", file: "/etc/cni/net.d/10-x.conf",
            text: #"{"name": "n", "plugins": [{"type": "a"}]}"#,
            problems: ["1:1 error CNI-7 this is a list of plugins, and only "
                    + "files called *.conflist are read as lists"]),
        Bad(
            rule: "a single plugin in a .conflist file", text: #"{"name": "n", "type": "a"}"#,
            problems: ["1:1 error CNI-7 this is a single plugin, and a file called *.conflist is read as a list"]),
        Bad(
            rule: "keys of the list in another case are read, and warned of",
            text: #"{"name": "n", "Plugins": [{"TYPE": "a"}], "name": "m"}"#,
            problems: [
                "1:26 warning CNI-7 Plugins is read as plugins here; other runtimes do not read it at all",
                "1:51 warning CNI-7 name stands here twice; the last one counts",
            ], usable: true),
        Bad(
            rule: "what a runtime adds is warned of",
            text: #"{"name": "n", "plugins": [{"type": "a", "prevResult": {}}]}"#,
            problems: ["1:55 warning CNI-7 prevResult is what a runtime adds; it does not belong in a file"],
            usable: true),
        Bad(
            rule: "ipam is an object with a file name",
            text: #"{"name": "n", "plugins": [{"type":"a","ipam":[]},{"type":"b","ipam":{"type":"x/y"}}]}"#,
            problems: [
                "1:46 error CNI-7 ipam must be an object, not an array",
                "1:77 error CNI-7 ipam.type must be the name of a file, not a path",
            ]),
    ])
    func problemsAreNamedWithTheirPlace(_ bad: Bad) {
        let file = examine(bad.text, bad.file)
        let found = file.problems.map { problem in
            let place = problem.position.map { "\($0.line):\($0.column)" } ?? "-"
            // The sentence behind the colon is the parser's.
            let message = problem.code == "CFG-02" ? "not valid JSON" : problem.message
            return "\(place) \(problem.severity) \(problem.code) \(message)"
        }
        #expect(found == bad.problems)
        #expect((file.list != nil) == bad.usable)
    }

    @Test(arguments: [
        (#""cniVersion": "1.0.0""#, CNIVersion.v100),
        (#""cniVersion": """#, .v010),
        (#""x": 1"#, .v010),
        (#""cniVersions": ["0.4.0", "1.1.0", "1.0.0"]"#, .v110),
        (#""cniVersion": "0.4.0", "cniVersions": ["0.3.1", "9.0.0"]"#, .v040),
        (#""cniVersion": "9.0.0", "cniVersions": ["1.0.0"]"#, .v100),
        (#""cniVersion": "1.1.0", "cniVersions": ["1.0.0"]"#, .v110),
    ])
    func theNewestVersionBothKnowIsSpoken(_ members: String, _ expected: CNIVersion) {
        #expect(list(#"{"name": "n", \#(members), "plugins": [{"type": "a"}]}"#).version == expected)
    }

    @Test(arguments: [("true", true), ("false", false), ("\"True\"", true), ("\"FALSE\"", false), ("null", false)])
    func flagsMayBeTexts(_ text: String, _ expected: Bool) {
        let list = list(#"{"name":"n","disableCheck":\#(text),"disableGC":\#(text),"plugins":[{"type":"a"}]}"#)
        #expect(list.disableCheck == expected)
        #expect(list.disableGC == expected)
    }

    @Test func aSingleConfigurationBecomesAList() {
        let file = examine(
            #"{"name":"n","cniVersion":"0.4.0","type":"bridge","big":12345678901234567890}"#, "/c/1.conf")
        let list = file.list
        #expect(list?.plugins.map(\.type) == ["bridge"])
        #expect(
            String(decoding: list?.source ?? [], as: UTF8.self)
                == #"{"cniVersion":"0.4.0","name":"n","plugins":["#
                + #"{"name":"n","cniVersion":"0.4.0","type":"bridge","big":12345678901234567890}]}"#)
    }

    @Test func requestsAreTheEntryAndWhatTheRuntimeAdds() {
        let plugin = list(
            """
            {"name": "net", "cniVersion": "1.0.0", "plugins": [
              {"type": "a", "CNIVERSION": "0.1.0", "id": 9007199254740993, "x": 1.50, "x": 2,
               "capabilities": {"portMappings": true, "mac": false}}]}
            """
        ).plugins[0]
        let request = plugin.request(
            network: "net", version: .v100, previousResult: ["cniVersion": "1.0.0"],
            capabilities: ["mac": "02:00:00:00:00:01", "portMappings": [1], "bandwidth": [:]])
        #expect(
            String(decoding: request, as: UTF8.self)
                == #"{"type":"a","cniVersion":"1.0.0","id":9007199254740993,"x":1.50,"x":2,"#
                + #""capabilities":{"portMappings":true,"mac":false},"name":"net","#
                + #""prevResult":{"cniVersion":"1.0.0"},"runtimeConfig":{"portMappings":[1]}}"#)
        let bare = String(decoding: plugin.request(network: "net", version: .v100), as: UTF8.self)
        #expect(!bare.contains("prevResult") && !bare.contains("runtimeConfig"))
    }
}
