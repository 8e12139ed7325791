import CNI
import CNIRuntime
import Foundation
import JSONTree
import LinuxHost
import Testing

/// A runtime over a chain of three scripts, each of which adds its name to the result's `trail`.
struct Chain {
    let plugins = FakePlugins()
    let scratch = Scratch()
    let runtime: NetworkRuntime
    let attachment = RuntimeAttachment(
        containerID: "pod-1", networkNamespace: "/run/netns/x", interfaceName: "eth0", arguments: [.init("A", "b")],
        capabilityArguments: [JSONMember("mac", "02:00:00:00:00:01"), JSONMember("other", 1)])

    /// - Parameter script: what a plugin does for a verb beside recording the call.
    init(_ scripts: [String: String] = [:]) {
        runtime = NetworkRuntime(
            executor: PluginExecutor(
                directories: [plugins.directory], environment: Environment(["PATH": "/usr/bin:/bin"]),
                relaysErrors: false),
            cache: ResultCache(scratch.path))
        for name in ["one", "two", "three"] {
            plugins.add(
                name,
                """
                \(scripts[name] ?? "")
                [ "$CNI_COMMAND" = ADD ] && echo '{"cniVersion":"1.1.0","by":"\(name)","id":9007199254740993}'
                [ "$CNI_COMMAND" = VERSION ] && echo '{"cniVersion":"1.1.0","supportedVersions":["1.0.0","1.1.0"]}'
                exit 0
                """)
        }
    }

    func network(_ members: String = "", version: String = "1.1.0") -> NetworkConfigurationList {
        list(
            """
            {"name": "net", "cniVersion": "\(version)", \(members) "plugins": [
              {"type": "one"}, {"type": "two", "capabilities": {"mac": true}}, {"type": "three"}]}
            """)
    }

    func json(_ plugin: String, _ verb: String) throws -> JSONNode {
        try JSONTree(parsing: try #require(plugins.configuration(plugin, verb))).root
    }

    var cached: Bool { FileManager.default.fileExists(atPath: "\(scratch.path)/results/net-pod-1-eth0") }

    static func failing(_ verb: String, _ code: Int = 11, _ message: String = "no") -> String {
        #"[ "$CNI_COMMAND" = \#(verb) ] && { echo '{"code":\#(code),"msg":"\#(message)"}'; exit 1; }"#
    }
}

struct NetworkRuntimeTests {
    // MARK: ADD

    @Test func addHandsEachResultToTheNextPlugin() throws {
        let chain = Chain()
        let report = chain.runtime.add(chain.network(), chain.attachment)
        #expect(report.succeeded)
        #expect(chain.plugins.calls == ["one ADD", "two ADD", "three ADD"])
        #expect(try chain.json("one", "ADD")["prevResult"] == nil)
        #expect(try chain.json("two", "ADD")["prevResult"]?["by"]?.string == "one")
        #expect(try chain.json("three", "ADD")["prevResult"]?["id"]?.numberText == "9007199254740993")
        #expect(try chain.json("two", "ADD")["runtimeConfig"].map { JSONValue($0) } == ["mac": "02:00:00:00:00:01"])
        #expect(try chain.json("one", "ADD")["runtimeConfig"] == nil)
        #expect(report.result?.unknown.contains(JSONMember("by", "three")) == true)
        #expect(chain.cached)
        #expect(report.steps.map(\.plugin) == ["one", "two", "three"])
        #expect(report.steps.map(\.path) == ["one", "two", "three"].map { "\(chain.plugins.directory)/\($0)" })
    }

    @Test(arguments: ["one", "two", "three"])
    func aFailedAddIsFollowedByDelOfTheWholeList(_ position: String) throws {
        let chain = Chain([position: Chain.failing("ADD")])
        let report = chain.runtime.add(chain.network(), chain.attachment)
        #expect(report.error == CNIError(.tryAgainLater, "no"))
        let adds = ["one ADD", "two ADD", "three ADD"]
        let reached = adds.prefix(through: adds.firstIndex(of: "\(position) ADD")!)
        #expect(chain.plugins.calls == reached + ["three DEL", "two DEL", "one DEL"])
        #expect(!chain.cached)
        #expect(report.cleanupError == nil)
        #expect(report.steps.map { "\($0.plugin) \($0.command)" } == chain.plugins.calls)
        let previous = try chain.json("one", "DEL")["prevResult"]?["by"]?.string
        #expect(previous == ["one": nil, "two": "one", "three": "two"][position]!)
    }

    @Test func theCleanUpGoesPastAPluginThatIsNotThere() {
        let chain = Chain()
        let network = list(
            #"{"name": "net", "cniVersion": "1.1.0", "plugins": [{"type": "one"}, {"type": "missing"}]}"#)
        let report = chain.runtime.add(network, chain.attachment)
        #expect(report.error?.code == .pluginNotFound)
        #expect(chain.plugins.calls == ["one ADD", "one DEL"])
        #expect(report.cleanupError?.code == .pluginNotFound)
    }

    @Test func theCleanUpHaltsWhereSomethingCannotBeUndone() {
        let chain = Chain(["two": Chain.failing("DEL", 5, "stuck"), "three": Chain.failing("ADD")])
        let report = chain.runtime.add(chain.network(), chain.attachment)
        #expect(chain.plugins.calls == ["one ADD", "two ADD", "three ADD", "three DEL", "two DEL"])
        #expect(report.error?.message == "no")
        #expect(report.cleanupError?.message == "stuck")
    }

    @Test func theSecondAddIsRefusedAndHarmsNothing() {
        let chain = Chain()
        _ = chain.runtime.add(chain.network(), chain.attachment)
        chain.plugins.forgetCalls()
        let report = chain.runtime.add(chain.network(), chain.attachment)
        #expect(report.error?.code == .alreadyTaken)
        #expect(chain.plugins.calls == [])
        #expect(chain.cached)
    }

    @Test(arguments: [
        ("", "eth0", 3), ("-x", "eth0", 4), ("a/b", "eth0", 4), ("a", "", 4), ("a", "e/0", 4), ("a", "..", 4),
        ("a", "sixteen-letters-", 4),
    ])
    func namesAreChecked(_ container: String, _ interface: String, _ code: Int) {
        let chain = Chain()
        let report = chain.runtime.add(
            chain.network(),
            RuntimeAttachment(containerID: container, networkNamespace: "/x", interfaceName: interface))
        #expect(report.error?.code.rawValue == code)
        #expect(chain.plugins.calls == [])
    }

    @Test func aResultOfAnotherVersionIsConverted() throws {
        let chain = Chain([
            "one": #"[ "$CNI_COMMAND" = ADD ] && { echo '{"cniVersion":"0.2.0","ip4":{"ip":"10.0.0.2/24"}}'; exit 0; }"#
        ])
        let report = chain.runtime.add(chain.network(), chain.attachment)
        #expect(report.succeeded)
        let previous = try chain.json("two", "ADD")["prevResult"]
        #expect(previous.map { JSONValue($0) } == ["cniVersion": "1.1.0", "ips": [["address": "10.0.0.2/24"]]])
    }

    // MARK: DEL

    @Test func delUsesWhatWasKeptOfTheAdd() throws {
        let chain = Chain()
        _ = chain.runtime.add(chain.network(), chain.attachment)
        chain.plugins.forgetCalls()
        // The configuration has changed since.
        let changed = list(#"{"name": "net", "cniVersion": "1.1.0", "plugins": [{"type": "three"}]}"#)
        let bare = RuntimeAttachment(containerID: "pod-1", networkNamespace: "", interfaceName: "eth0")
        let report = chain.runtime.delete(changed, bare)
        #expect(report.succeeded)
        #expect(chain.plugins.calls == ["three DEL", "two DEL", "one DEL"])
        #expect(try chain.json("one", "DEL")["prevResult"]?["by"]?.string == "three")
        #expect(try chain.json("two", "DEL")["runtimeConfig"]?["mac"]?.string == "02:00:00:00:00:01")
        #expect(chain.plugins.variables("one", "DEL").contains("CNI_ARGS=A=b"))
        #expect(chain.plugins.variables("one", "DEL").contains("CNI_NETNS=/run/netns/x"))
        #expect(!chain.cached)
    }

    @Test func delNeedsNoConfigurationFileWhenOneWasKept() {
        let chain = Chain()
        _ = chain.runtime.add(chain.network(), chain.attachment)
        #expect(chain.runtime.delete(network: "net", configured: nil, chain.attachment).succeeded)
        let again = chain.runtime.delete(network: "net", configured: nil, chain.attachment)
        #expect(again.error?.code == .invalidConfiguration)
    }

    @Test func delGoesOnWithoutACache() throws {
        let chain = Chain()
        let report = chain.runtime.delete(chain.network(), chain.attachment)
        #expect(report.succeeded)
        #expect(try chain.json("one", "DEL")["prevResult"] == nil)
        #expect(report.notes == ["nothing is kept of an ADD of pod-1/eth0: the plugins get no prevResult"])
    }

    @Test func delGoesOnWithATornCacheAndRemovesIt() {
        let chain = Chain()
        chain.scratch.write("results/net-pod-1-eth0", #"{"kind":"cniCa"#)
        #expect(chain.runtime.delete(chain.network(), chain.attachment).succeeded)
        #expect(!chain.cached)
    }

    @Test func aFailedDelHaltsAndKeepsWhatIsKnown() {
        let chain = Chain(["two": Chain.failing("DEL")])
        _ = chain.runtime.add(chain.network(), chain.attachment)
        chain.plugins.forgetCalls()
        #expect(chain.runtime.delete(network: "net", configured: nil, chain.attachment).error?.code == .tryAgainLater)
        #expect(chain.plugins.calls == ["three DEL", "two DEL"])
        #expect(chain.cached)
        chain.plugins.forgetCalls()
        let insistent = chain.runtime.delete(
            network: "net", configured: nil, chain.attachment, continuesPastErrors: true)
        #expect(insistent.error?.code == .tryAgainLater)
        #expect(chain.plugins.calls == ["three DEL", "two DEL", "one DEL"])
        #expect(chain.cached)
    }

    @Test func delBefore040HasNoPreviousResult() throws {
        let chain = Chain()
        for name in ["one", "two", "three"] {
            chain.plugins.add(name, #"[ "$CNI_COMMAND" = ADD ] && echo '{"cniVersion":"0.3.1"}'; exit 0"#)
        }
        _ = chain.runtime.add(chain.network(version: "0.3.1"), chain.attachment)
        #expect(chain.runtime.delete(network: "net", configured: nil, chain.attachment).succeeded)
        #expect(try chain.json("one", "DEL")["prevResult"] == nil)
    }

    // MARK: CHECK and STATUS

    @Test func checkAsksEveryPluginWithTheKeptResult() throws {
        let chain = Chain(["one": Chain.failing("CHECK", 103, "gone"), "three": Chain.failing("CHECK", 103, "too")])
        _ = chain.runtime.add(chain.network(), chain.attachment)
        chain.plugins.forgetCalls()
        let report = chain.runtime.check(chain.network(), chain.attachment)
        #expect(chain.plugins.calls == ["one CHECK", "two CHECK", "three CHECK"])
        #expect(try chain.json("one", "CHECK")["prevResult"]?["by"]?.string == "three")
        #expect(report.steps.filter { !$0.succeeded }.map(\.plugin) == ["one", "three"])
        #expect(report.error?.message == "gone (and 1 more)")
    }

    @Test func checkIsHonestAboutWhatItCannotKnow() {
        let chain = Chain()
        guard case .undetermined(let error) = chain.runtime.check(chain.network(), chain.attachment).outcome else {
            Issue.record("determined")
            return
        }
        #expect(error.message == "no result of an ADD is kept for pod-1/eth0 on net")
        guard
            case .undetermined(let old) = chain.runtime.check(chain.network(version: "0.3.1"), chain.attachment).outcome
        else {
            Issue.record("determined")
            return
        }
        #expect(old.message == "configuration version \"0.3.1\" does not support CHECK")
        guard
            case .skipped(let why) = chain.runtime.check(chain.network("\"disableCheck\": true,"), chain.attachment)
                .outcome
        else {
            Issue.record("not skipped")
            return
        }
        #expect(why == "the configuration disables CHECK")
        #expect(chain.plugins.calls == [])
    }

    @Test func statusAsksEveryPlugin() {
        let chain = Chain(["one": Chain.failing("STATUS", 50, "no addresses left")])
        let report = chain.runtime.status(chain.network())
        #expect(chain.plugins.calls == ["one STATUS", "two STATUS", "three STATUS"])
        #expect(report.error == CNIError(.notAvailable, "no addresses left"))
        guard case .undetermined = chain.runtime.status(chain.network(version: "1.0.0")).outcome else {
            Issue.record("determined")
            return
        }
    }

    // MARK: GC

    @Test func garbageCollectionDeletesWhatIsNotValidAndThenAsksThePlugins() throws {
        let chain = Chain()
        for container in ["pod-1", "pod-2", "pod-3"] {
            var attachment = chain.attachment
            attachment.containerID = container
            #expect(chain.runtime.add(chain.network(), attachment).succeeded)
        }
        chain.scratch.write("results/net-pod-9-eth0", "torn")
        chain.scratch.write("results/other-pod-9-eth0", "torn")
        chain.plugins.forgetCalls()
        let valid = [CNIAttachment(containerID: "pod-2", interfaceName: "eth0")]
        let report = chain.runtime.collectGarbage(chain.network(), valid: valid)
        #expect(report.succeeded)
        #expect(
            report.steps.compactMap { $0.attachment?.containerID } == [
                "pod-1", "pod-1", "pod-1", "pod-3", "pod-3", "pod-3",
            ])
        let deletions = ["three DEL", "two DEL", "one DEL"]
        #expect(chain.plugins.calls == deletions + deletions + ["one GC", "two GC", "three GC"])
        #expect(
            chain.scratch.names("results") == ["net-pod-2-eth0", "net-pod-9-eth0", "other-pod-9-eth0"])
        let given = try chain.json("one", "GC")
        let expected: JSONValue = [["containerID": "pod-2", "ifname": "eth0"]]
        #expect(given["cni.dev/valid-attachments"].map { JSONValue($0) } == expected)
        #expect(given["cni.dev/attachments"].map { JSONValue($0) } == expected)
        #expect(
            report.notes == [
                "\(chain.scratch.path)/results/net-pod-9-eth0 is torn or of an old format, and was left alone"
            ])
    }

    @Test func garbageCollectionGoesOnPastErrorsAndJoinsThem() {
        let chain = Chain(["two": Chain.failing("DEL", 5, "stuck"), "one": Chain.failing("GC", 5, "no list")])
        for container in ["pod-1", "pod-2"] {
            var attachment = chain.attachment
            attachment.containerID = container
            _ = chain.runtime.add(chain.network(), attachment)
        }
        let report = chain.runtime.collectGarbage(chain.network(), valid: [])
        #expect(report.error?.message == "DEL of pod-1/eth0: stuck (and 2 more)")
        #expect(chain.plugins.calls.suffix(3) == ["one GC", "two GC", "three GC"])
        #expect(chain.scratch.names("results").count == 2)
    }

    @Test func garbageCollectionOfOlderVersionsAsksNoPlugin() {
        let chain = Chain()
        let old = chain.network(version: "1.0.0")
        for name in ["one", "two", "three"] {
            chain.plugins.add(name, #"[ "$CNI_COMMAND" = ADD ] && echo '{"cniVersion":"1.0.0"}'; exit 0"#)
        }
        _ = chain.runtime.add(old, chain.attachment)
        chain.plugins.forgetCalls()
        let report = chain.runtime.collectGarbage(old, valid: [])
        #expect(chain.plugins.calls == ["three DEL", "two DEL", "one DEL"])
        #expect(
            report.notes == ["the plugins were not asked: GC came with 1.1.0, and the network speaks 1.0.0"])
    }

    @Test func disableGCForbidsEverything() {
        let chain = Chain()
        _ = chain.runtime.add(chain.network(), chain.attachment)
        chain.plugins.forgetCalls()
        let report = chain.runtime.collectGarbage(chain.network("\"disableGC\": \"true\","), valid: [])
        guard case .skipped = report.outcome else {
            Issue.record("not skipped")
            return
        }
        #expect(chain.plugins.calls == [])
        #expect(chain.cached)
    }

    // MARK: VERSION

    @Test func everyProgramOfTheListIsAskedForItsVersions() {
        let chain = Chain()
        chain.plugins.add("old", #"echo '{"cniVersion":"0.2.0"}'"#)
        chain.plugins.add("ancient", #"echo '{"code":4,"msg":"unknown CNI_COMMAND: VERSION"}'; exit 1"#)
        let network = list(
            """
            {"name": "net", "cniVersion": "1.1.0", "plugins": [
              {"type": "one", "ipam": {"type": "host-local"}},
              {"type": "old"},
              {"type": "ancient"},
              {"type": "one"}]}
            """)
        let report = chain.runtime.versions(network)
        #expect(report.steps.map(\.plugin) == ["one", "old", "ancient", "one", "host-local"])
        #expect(
            report.steps.map(\.versions) == [
                ["1.0.0", "1.1.0"], ["0.1.0", "0.2.0"], ["0.1.0"], ["1.0.0", "1.1.0"], [],
            ])
        #expect(report.error?.code == .pluginNotFound)
        #expect(chain.plugins.calls == ["one VERSION", "old VERSION", "ancient VERSION"])
        let validation = chain.runtime.validate(network)
        #expect(validation.error?.message == "plugin old does not support config version \"1.1.0\" (and 2 more)")
    }

    // MARK: Interruption

    @Test func anInterruptedAddStopsBeforeTheNextPluginAndIsUndone() {
        let chain = Chain()
        var runtime = chain.runtime
        let calls = chain.plugins
        runtime.isInterrupted = { calls.calls.contains("two ADD") }
        let report = runtime.add(chain.network(), chain.attachment)
        #expect(report.error == CNIError(.tryAgainLater, "interrupted before plugin three"))
        #expect(chain.plugins.calls == ["one ADD", "two ADD", "three DEL", "two DEL", "one DEL"])
        #expect(!chain.cached)
    }

    @Test func aDelThatASignalKilledIsRunAgain() {
        // As ^C does, which reaches the plugin too: the first DEL of `two` dies, the second goes through.
        let chain = Chain([
            "two":
                #"[ "$CNI_COMMAND" = DEL ] && [ ! -e "$here/again" ] && { touch "$here/again"; kill -INT $$; sleep 9; }"#
        ])
        var runtime = chain.runtime
        _ = runtime.add(chain.network(), chain.attachment)
        chain.plugins.forgetCalls()
        // Without a wish for an end a death is a failure like any other.
        let first = runtime.delete(chain.network(), chain.attachment)
        #expect(first.error?.message == "plugin two died during DEL: killed by SIGINT")
        try? FileManager.default.removeItem(atPath: "\(chain.plugins.directory)/again")
        chain.plugins.forgetCalls()
        runtime.isInterrupted = { true }
        #expect(runtime.delete(chain.network(), chain.attachment).succeeded)
        #expect(chain.plugins.calls == ["three DEL", "two DEL", "two DEL", "one DEL"])
        #expect(!chain.cached)
    }

    @Test func progressIsToldBeforeEachPlugin() {
        let chain = Chain()
        var runtime = chain.runtime
        let calls = chain.plugins
        // What was called so far stands behind what is about to be called.
        runtime.willRun = { command, type in calls.note("\(type) \(command) \(calls.calls.count)") }
        _ = runtime.add(chain.network(), chain.attachment)
        #expect(calls.notes == ["one ADD 0", "two ADD 1", "three ADD 2"])
    }

    // MARK: Exclusion

    @Test func theSameContainerIsNotWorkedOnTwiceAtATime() async {
        // Each call would fail if another one were under way.
        let chain = Chain([
            "one":
                #"mkdir "$here/busy" || { echo '{"code":5,"msg":"beside"}'; exit 1; }; sleep 0.05; rmdir "$here/busy""#
        ])
        await withTaskGroup(of: Bool.self) { group in
            for number in 0..<4 {
                group.addTask {
                    var attachment = chain.attachment
                    attachment.interfaceName = "eth\(number)"
                    return chain.runtime.add(chain.network(), attachment).succeeded
                }
            }
            for await succeeded in group { #expect(succeeded) }
        }
        #expect(chain.scratch.names("poplin-locks") == ["network-net"])
    }

    @Test func garbageCollectionWaitsForOperationsAndGivesUpWithAHint() throws {
        let chain = Chain()
        var runtime = chain.runtime
        runtime.lockPatience = .milliseconds(50)
        _ = chain.runtime.add(chain.network(), chain.attachment)
        chain.plugins.forgetCalls()
        let held = try FileLock.take("\(chain.scratch.path)/poplin-locks/network-net", .shared)
        let report = runtime.collectGarbage(chain.network(), valid: [])
        #expect(report.error?.code == .tryAgainLater)
        #expect(chain.plugins.calls == [])
        held.release()
        #expect(runtime.collectGarbage(chain.network(), valid: []).succeeded)
    }

    @Test func aCacheThatCannotBeUsedIsNoReasonToLeaveThingsBehind() {
        let chain = Chain()
        var runtime = chain.runtime
        // A file where the directory of results should be.
        chain.scratch.write("elsewhere/results", "")
        runtime.cache = ResultCache("\(chain.scratch.path)/elsewhere")
        let report = runtime.add(chain.network(), chain.attachment)
        #expect(!report.succeeded)
        #expect(
            chain.plugins.calls.filter { $0.hasSuffix("ADD") }.count
                == chain.plugins.calls.filter { $0.hasSuffix("DEL") }.count)
    }
}
