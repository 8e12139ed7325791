import CNI
import Testing

@testable import CNIRuntime

/// One network's file, the drop-in folder beside it, and what is kept of both.
struct ConfigurationFileTests {
    @Test func dropInsAreAppended() throws {
        let scratch = Scratch()
        scratch.write("10-n.conflist", ConfigurationDirectoryTests.network("n", "first"))
        scratch.write("n/20-b.conf", #"{"type": "third", "big": 9007199254740993}"#)
        scratch.write("n/10-a.conf", #"{"type": "second"}"#)
        scratch.write("n/30-c.json", #"{"type": "not read"}"#)
        scratch.write("n/.40.conf", #"{"type": "not read"}"#)
        let network = try ConfigurationDirectory(scratch.path).network(named: "n")
        #expect(network.plugins.map(\.type) == ["first", "second", "third"])
        // What is kept for DEL must not depend on the folder.
        let kept = list(String(decoding: network.keptSource, as: UTF8.self))
        #expect(kept.plugins.map(\.type) == ["first", "second", "third"])
        #expect(kept.loadOnlyInlinedPlugins)
        #expect(String(decoding: network.keptSource, as: UTF8.self).contains("9007199254740993"))
    }

    @Test func whatIsKeptIsTheFileAsItStandsWhenItSaysItAll() throws {
        let scratch = Scratch()
        let text = #"{ "name":"n",  "plugins" : [{"type":"a"}] }"#
        scratch.write("10-n.conflist", text)
        #expect(try ConfigurationDirectory(scratch.path).network(named: "n").keptSource == Array(text.utf8))
        let single = scratch.write("20-m.conf", #"{"name":"m","cniVersion":"0.4.0","type":"a"}"#)
        let network = try ConfigurationDirectory.load(file: single)
        #expect(
            String(decoding: network.keptSource, as: UTF8.self)
                == #"{"cniVersion":"0.4.0","name":"m","plugins":[{"name":"m","cniVersion":"0.4.0","type":"a"}]}"#)
    }

    @Test func loadOnlyInlinedPluginsKeepsDropInsOut() throws {
        let scratch = Scratch()
        scratch.write(
            "10-n.conflist", #"{"name": "n", "loadOnlyInlinedPlugins": true, "plugins": [{"type": "first"}]}"#)
        scratch.write("n/10-a.conf", #"{"type": "second"}"#)
        #expect(try ConfigurationDirectory(scratch.path).network(named: "n").plugins.map(\.type) == ["first"])
    }

    @Test func aListMayConsistOfDropIns() throws {
        let scratch = Scratch()
        scratch.write("10-n.conflist", #"{"name": "n", "cniVersion": "1.1.0"}"#)
        let directory = ConfigurationDirectory(scratch.path)
        #expect(
            try directory.load().problems.map(\.headline) == [
                "\(scratch.path)/10-n.conflist: the list has no plugins"
            ])
        scratch.write("n/10-a.conf", #"{"type": "only"}"#)
        #expect(try directory.network(named: "n").plugins.map(\.type) == ["only"])
    }

    @Test func aBrokenDropInIsNamedAndForbidsTheNetwork() throws {
        let scratch = Scratch()
        scratch.write("10-n.conflist", ConfigurationDirectoryTests.network("n"))
        let dropIn = scratch.write("n/10-a.conf", "{\n  \"type\": 5\n}")
        let problems = try ConfigurationDirectory(scratch.path).load().problems
        #expect(problems.map(\.headline) == ["\(dropIn):2:11: type: must be a string, not a number"])
    }
}
