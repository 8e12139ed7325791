import CNI
import Foundation
import Testing

@testable import CNIRuntime

struct ConfigurationDirectoryTests {
    static func network(_ name: String, _ type: String = "a") -> String {
        #"{"name": "\#(name)", "cniVersion": "1.1.0", "plugins": [{"type": "\#(type)"}]}"#
    }

    @Test func filesAreReadInTheOrderOfTheirNames() throws {
        let scratch = Scratch()
        scratch.write("20-b.conflist", Self.network("b"))
        scratch.write("10-c.conf", #"{"name": "c", "type": "x"}"#)
        scratch.write("30-a.json", #"{"name": "a", "type": "x"}"#)
        scratch.write("40-d.json", Self.network("d"))
        scratch.write("05-note.txt", "not ours")
        scratch.write(".hidden.conflist", "torn")
        scratch.write("10-c.conflist.bak", "not ours")
        let directory = ConfigurationDirectory(scratch.path)
        #expect(try directory.load().networks.map(\.name) == ["c", "b", "a", "d"])
        #expect(try directory.load().problems == [])
        #expect(try directory.defaultNetwork().name == "c")
    }

    @Test func aListIsPreferredToASingleConfigurationOfTheSameName() throws {
        let scratch = Scratch()
        scratch.write("10-single.conf", #"{"name": "n", "type": "single"}"#)
        let used = scratch.write("20-list.conflist", Self.network("n", "list"))
        scratch.write("30-late.conflist", Self.network("n", "late"))
        let directory = ConfigurationDirectory(scratch.path)
        #expect(try directory.network(named: "n").plugins.map(\.type) == ["list"])
        #expect(try directory.defaultNetwork().plugins.map(\.type) == ["single"])
        let contents = try directory.load()
        #expect(contents.networks.map { contents.shadowing($0) } == [used, nil, used])
    }

    @Test func aBrokenFileDoesNotHideTheOthers() throws {
        let scratch = Scratch()
        let broken = scratch.write("10-broken.conflist", #"{"name": "broken","#)
        scratch.write("20-good.conflist", Self.network("good"))
        let directory = ConfigurationDirectory(scratch.path)
        #expect(try directory.network(named: "good").name == "good")
        let error = #expect(throws: CNIError.self) { try directory.defaultNetwork() }
        #expect(error?.code == .decoding)
        #expect(error?.message.hasPrefix("\(broken):1:19: ") == true)
        #expect(try directory.load().files.map(\.path).count == 2)
    }

    @Test func aMissingNetworkNamesThoseThatAreThere() throws {
        let scratch = Scratch()
        scratch.write("10-a.conflist", Self.network("storage"))
        let broken = scratch.write("20-b.conflist", "{\n  \"name\": 5}")
        let error = #expect(throws: CNIError.self) {
            try ConfigurationDirectory(scratch.path).network(named: "storag")
        }
        #expect(error?.message == "no network named \"storag\" in \(scratch.path)")
        let lines = error?.details.split(separator: "\n").map(String.init) ?? []
        #expect(lines.prefix(2) == ["networks in \(scratch.path): storage", "did you mean \"storage\"?"])
        #expect(lines.dropFirst(2).first?.hasPrefix("not usable: \(broken):2:11: name: must be a string") == true)
    }

    @Test func dropInsAreAppended() throws {
        let scratch = Scratch()
        scratch.write("10-n.conflist", Self.network("n", "first"))
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
        scratch.write("10-n.conflist", Self.network("n"))
        let dropIn = scratch.write("n/10-a.conf", "{\n  \"type\": 5\n}")
        let problems = try ConfigurationDirectory(scratch.path).load().problems
        #expect(problems.map(\.headline) == ["\(dropIn):2:11: type: must be a string, not a number"])
    }

    @Test func aDirectoryThatIsNotThereIsEmpty() throws {
        let directory = ConfigurationDirectory("/nonexistent/net.d")
        #expect(try directory.load().files.isEmpty)
        #expect(throws: CNIError.self) { try directory.defaultNetwork() }
    }

    @Test func whatIsNoFileIsNotOpened() throws {
        let scratch = Scratch()
        scratch.write("10-x.conflist/inside", "")
        #expect(mkfifo("\(scratch.path)/20-y.conflist", 0o600) == 0)
        let problems = try ConfigurationDirectory(scratch.path).load().problems
        #expect(problems.map(\.error.message) == ["this is not a regular file", "this is not a regular file"])
    }

    @Test(arguments: [("bridge", "brdige"), ("pods", "pod"), ("a", "b"), ("storage", "networking")])
    func onlyNearNamesAreSuggested(_ there: String, _ asked: String) {
        let scratch = Scratch()
        scratch.write("10.conflist", Self.network(there))
        let error = #expect(throws: CNIError.self) { try ConfigurationDirectory(scratch.path).network(named: asked) }
        #expect(error?.details.contains("did you mean") == (there == "bridge" || there == "pods"))
    }
}
