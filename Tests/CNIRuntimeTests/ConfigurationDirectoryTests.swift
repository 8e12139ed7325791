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
