import Findings
import JSONTree
import LinuxHost
import Testing

@testable import PoplinCommands

@Suite struct ScreenTests {
    @Test(
        arguments: [
            (ColorChoice.auto, true, [], true), (.auto, false, [], false), (.auto, true, ["NO_COLOR=1"], false),
            (.auto, true, ["NO_COLOR="], true), (.auto, true, ["TERM=dumb"], false),
            (.always, false, ["NO_COLOR=1"], true),
            (.never, true, [], false),
        ] as [(ColorChoice, Bool, [String], Bool)])
    func coloursAreForTerminals(choice: ColorChoice, isTerminal: Bool, environment: [String], isOn: Bool) {
        #expect(Paint(choice, in: Environment(entries: environment), isTerminal: isTerminal).isOn == isOn)
    }

    @Test func tablesAlignAndLeaveOutEmptyColumns() {
        var table = TextTable(["NAME", "EMPTY", "LONGER", ""])
        #expect(table.rendered() == "")
        table.add("a", "", "1", "x y")
        table.add("bcdef", "", "", "")
        table.add("gh", "", "1234567", "z")
        #expect(
            table.rendered() == """
                NAME   LONGER
                a      1        x y
                bcdef
                gh     1234567  z
                """)
    }

    @Test(arguments: [
        (0, "0 µs", "0.000"), (999, "999 µs", "0.999"), (1000, "1.00 ms", "1.000"), (3149, "3.14 ms", "3.149"),
        (12_345, "12.3 ms", "12.345"), (999_999, "999 ms", "999.999"), (1_200_000, "1.20 s", "1200.000"),
        (125_000_000, "125 s", "125000.000"),
    ]) func durationsHaveThreeFigures(microseconds: Int, text: String, milliseconds: String) {
        #expect(Duration.microseconds(microseconds).forPeople == text)
        #expect(Duration.microseconds(microseconds).milliseconds == .number(milliseconds))
    }

    @Test func yamlQuotesWhatWouldBeReadAsSomethingElse() throws {
        let value: JSONValue = [
            "plain": "eth0", "truth": "yes", "number": "10", "empty": "", "null": nil, "nothing": "null",
            "big": .number("123456789012345678901234567890"), "fraction": .number("1.50"), "list": [true, [:], []],
            "version": "1.0.0", "lines": "a\nb",
        ]
        let text = try OutputFormat.yaml.text(value)
        for line in [
            "plain: eth0", "truth: \"yes\"", "number: \"10\"", "empty: \"\"", "nothing: \"null\"", "version: 1.0.0",
            "big: 123456789012345678901234567890", "fraction: 1.50", "- true", "- {}", "- []",
        ] {
            #expect(text.split(separator: "\n").contains(Substring(line)), "\(line) in\n\(text)")
        }
    }

    @Test func progressIsForTerminals() throws {
        let recorder = try Recorder()
        recorder.console().progress("ADD bridge")
        #expect(recorder.errors.isEmpty)
        recorder.console(isTerminal: true).progress("ADD bridge")
        #expect(recorder.errors == "\r\u{1B}[KADD bridge ...")
    }

    @Test(
        arguments: [
            (nil, "", nil), ("blue", "/run/netns/blue", "poplin-blue"),
            ("/var/run/netns/blue", "/var/run/netns/blue", "poplin-blue"),
            ("poplin-1a", "/run/netns/poplin-1a", "poplin-1a"), ("/proc/7/ns/net", "/proc/7/ns/net", nil),
        ] as [(String?, String, String?)])
    func namespacesAreNamesOrPaths(text: String?, path: String, containerID: String?) {
        let reference = NamespaceReference(text)
        #expect(reference.path == path)
        if let containerID { #expect(reference.containerID == containerID) }
        #expect(reference.containerID == NamespaceReference(text).containerID)
        #expect(reference.containerID != NamespaceReference("/proc/8/ns/net").containerID)
    }
}
