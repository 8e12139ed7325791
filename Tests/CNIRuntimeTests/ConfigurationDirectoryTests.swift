import CNIRuntime
import Testing

struct ConfigurationDirectoryTests {
    static func network(_ name: String, _ type: String = "a") -> String {
        #"{"name": "\#(name)", "cniVersion": "1.1.0", "plugins": [{"type": "\#(type)"}]}"#
    }

    @Test func filesAreReadInTheOrderOfTheirNames() throws {
        let scratch = Scratch()
        scratch.write("20-b.conflist", Self.network("b"))
        scratch.write("10-c.conf", #"{"name": "c", "type": "x"}"#)
        scratch.write("30-a.json", #"{"name": "a", "type": "x"}"#)
        scratch.write("05-note.txt", "not ours")
        scratch.write(".hidden.conflist", "torn")
        scratch.write("10-c.conflist.bak", "not ours")
        let directory = try ConfigurationDirectory(loading: scratch.path)
        #expect(directory.files.map(\.name) == ["c", "b", "a"])
        #expect(try directory.defaultNetwork().name == "c")
    }

    @Test func aListIsPreferredToASingleConfigurationOfTheSameName() throws {
        let scratch = Scratch()
        scratch.write("10-single.conf", #"{"name": "n", "type": "single"}"#)
        scratch.write("20-list.conflist", Self.network("n", "list"))
        scratch.write("30-late.conflist", Self.network("n", "late"))
        let directory = try ConfigurationDirectory(loading: scratch.path)
        #expect(try directory.network(named: "n").plugins.map(\.type) == ["list"])
        #expect(try directory.defaultNetwork().plugins.map(\.type) == ["single"])
        #expect(directory.files.map { $0.problems.map(\.code) } == [["CFG-04"], [], ["CFG-04"]])
    }

    @Test func aBrokenFileDoesNotHideTheOthers() throws {
        let scratch = Scratch()
        scratch.write("10-broken.conflist", #"{"name": "broken","#)
        scratch.write("20-good.conflist", Self.network("good"))
        let directory = try ConfigurationDirectory(loading: scratch.path)
        #expect(try directory.network(named: "good").name == "good")
        let error = #expect(throws: ConfigurationProblem.self) { try directory.defaultNetwork() }
        #expect(error?.code == "CFG-02")
        #expect(error?.file == "\(scratch.path)/10-broken.conflist")
    }

    @Test func aMissingNetworkNamesThoseThatAreThere() throws {
        let scratch = Scratch()
        scratch.write("10-a.conflist", Self.network("storage"))
        scratch.write("20-b.conflist", "{")
        let directory = try ConfigurationDirectory(loading: scratch.path)
        let error = #expect(throws: ConfigurationProblem.self) { try directory.network(named: "storag") }
        #expect(error?.message == "no network \"storag\" in \(scratch.path)")
        #expect(
            error?.next
                == "networks there: storage; did you mean storage?; 1 file is broken: poplin cni validate")
    }

    @Test func theProblemOfTheFileThatWasMeantIsTold() throws {
        let scratch = Scratch()
        scratch.write("10-a.conflist", #"{"name": "n", "plugins": []}"#)
        let error = #expect(throws: ConfigurationProblem.self) {
            try ConfigurationDirectory(loading: scratch.path).network(named: "n")
        }
        #expect(error?.message == "the list has no plugins")
    }

    @Test func dropInsAreAppended() throws {
        let scratch = Scratch()
        scratch.write("10-n.conflist", Self.network("n", "first"))
        scratch.write("n/20-b.conf", #"{"type": "third", "big": 9007199254740993}"#)
        scratch.write("n/10-a.conf", #"{"type": "second"}"#)
        scratch.write("n/30-c.json", #"{"type": "not read"}"#)
        let list = try ConfigurationDirectory(loading: scratch.path).network(named: "n")
        #expect(list.plugins.map(\.type) == ["first", "second", "third"])
        // What is kept for DEL must not depend on the folder.
        let kept = examine(String(decoding: list.source, as: UTF8.self)).list
        #expect(kept?.plugins.map(\.type) == ["first", "second", "third"])
        #expect(kept?.loadOnlyInlinedPlugins == true)
        #expect(String(decoding: list.source, as: UTF8.self).contains("9007199254740993"))
    }

    @Test func loadOnlyInlinedPluginsKeepsDropInsOut() throws {
        let scratch = Scratch()
        scratch.write(
            "10-n.conflist", #"{"name": "n", "loadOnlyInlinedPlugins": true, "plugins": [{"type": "first"}]}"#)
        scratch.write("n/10-a.conf", #"{"type": "second"}"#)
        #expect(try ConfigurationDirectory(loading: scratch.path).network(named: "n").plugins.map(\.type) == ["first"])
    }

    @Test func aListMayConsistOfDropIns() throws {
        let scratch = Scratch()
        scratch.write("10-n.conflist", #"{"name": "n", "cniVersion": "1.1.0"}"#)
        scratch.write("n/10-a.conf", #"{"type": "only"}"#)
        #expect(try ConfigurationDirectory(loading: scratch.path).network(named: "n").plugins.map(\.type) == ["only"])
    }

    @Test func aBrokenDropInIsNamedAndForbidsTheNetwork() throws {
        let scratch = Scratch()
        scratch.write("10-n.conflist", Self.network("n"))
        scratch.write("n/10-a.conf", "{\n  \"type\": 5\n}")
        let directory = try ConfigurationDirectory(loading: scratch.path)
        let error = #expect(throws: ConfigurationProblem.self) { try directory.network(named: "n") }
        #expect(error?.description == "\(scratch.path)/n/10-a.conf:2:11: type must be a string, not a number")
        #expect(
            error?.place == """
                 --> \(scratch.path)/n/10-a.conf:2:11
                  |
                2 |   "type": 5
                  |           ^
                """)
    }

    @Test func aDirectoryThatIsNotThere() {
        let error = #expect(throws: ConfigurationProblem.self) {
            try ConfigurationDirectory(loading: "/nonexistent/net.d")
        }
        #expect(error?.code == "CFG-01")
    }

    @Test func aDirectoryCalledLikeAFileIsNotOpened() throws {
        let scratch = Scratch()
        scratch.write("10-x.conflist/inside", "")
        let directory = try ConfigurationDirectory(loading: scratch.path)
        #expect(directory.files.first?.problems.map(\.message) == ["this is not a regular file"])
    }
}
