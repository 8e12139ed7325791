import Addressing
import CNI
import CNIRuntime
import Foundation
import Glibc
import JSONTree
import LinuxHost
import Testing

/// Our runtime side over whole lists in a node of its own, with the plugins of Debian and with ours.
@Suite("The runtime over whole lists", .enabled(if: getuid() == 0, "needs root"))
struct RuntimeTests {
    // MARK: The life of an attachment

    enum Plugins: String, CaseIterable, Sendable, CustomTestStringConvertible {
        case reference, poplin
        var testDescription: String { rawValue }
    }

    @Test("ADD, CHECK and DEL of a chain leave nothing", arguments: Plugins.allCases)
    func life(_ plugins: Plugins) throws {
        try TestNode.with { node in
            let side = try RuntimeSide(node, plugins)
            let network = try side.load(side.chain(version: plugins == .reference ? "1.0.0" : "1.1.0"))
            let pod = try node.makeNamespace()

            let add = try side.add(network, side.attachment("web-0", pod))
            #expect(add.error == nil, "\(add.steps.map(\.error))")
            #expect(add.steps.map(\.plugin) == network.plugins.map(\.type))
            #expect(add.result?.ips.map(\.address.description) == ["10.77.0.2/24", "fd77::2/64"])
            #expect(side.cached == ["pods-web-0-eth0"])
            #expect(side.reservations == ["10.77.0.2", "fd77::2"])
            #expect(try side.hostPorts().contains("10.77.0.2"))
            #expect(try pod.json(["ip", "-j", "addr", "show", "eth0"])[0]?["addr_info"]?.elements.isEmpty == false)

            // Debian's portmap 1.1.1 looks for its IPv4 rules among the IPv6 ones, and so refuses every dual stack chain.
            let refused = plugins == .reference ? ["portmap"] : []
            let check = try side.check(network, side.attachment("web-0", nil))
            #expect(check.command == .check)
            #expect(check.steps.map(\.plugin) == network.plugins.map(\.type))
            #expect(check.steps.filter { !$0.succeeded }.map(\.plugin) == refused)
            #expect(try side.add(network, side.attachment("web-0", pod)).error?.code == .alreadyTaken)
            let again = try side.check(network, side.attachment("web-0", nil))
            #expect(again.steps.filter { !$0.succeeded }.map(\.plugin) == refused)

            let delete = try side.delete(network, side.attachment("web-0", nil))
            #expect(delete.error == nil)
            #expect(delete.steps.map(\.plugin) == network.plugins.map(\.type).reversed())
            try side.expectNothing(of: "web-0")
            // Any number of times.
            #expect(try side.delete(network, side.attachment("web-0", nil)).error == nil)
        }
    }

    @Test("A CHECK finds what somebody took away", arguments: Plugins.allCases)
    func damage(_ plugins: Plugins) throws {
        try TestNode.with { node in
            let side = try RuntimeSide(node, plugins)
            let network = try side.load(side.chain(version: "1.0.0"))
            let pod = try node.makeNamespace()
            #expect(try side.add(network, side.attachment("web-0", pod)).error == nil)
            try pod.check(["ip", "addr", "del", "10.77.0.2/24", "dev", "eth0"])
            let verdict = try side.check(network, side.attachment("web-0", pod))
            #expect(verdict.command == .check)
            #expect(verdict.steps.filter { !$0.succeeded }.map(\.plugin).contains("bridge"), "\(verdict)")
            #expect(try side.delete(network, side.attachment("web-0", pod)).error == nil)
            // The reference's bridge masquerades by the addresses that it finds on the interface: that rule stays.
            if plugins == .poplin { try side.expectNothing(of: "web-0") }
        }
    }

    // MARK: Failures in the middle

    @Test(
        "A plugin that fails, dies or is missing at the end of the chain: everything is undone",
        arguments: [
            "fails", "dies", "missing",
        ])
    func failure(_ last: String) throws {
        try TestNode.with { node in
            let side = try RuntimeSide(node, .poplin)
            try side.script("fails", #"[ "$CNI_COMMAND" = ADD ] && { echo '{"code":11,"msg":"not now"}'; exit 1; }"#)
            try side.script("dies", #"[ "$CNI_COMMAND" = ADD ] && kill -KILL $$"#)
            let network = try side.load(side.chain(version: "1.1.0", last: #", {"type": "\#(last)"}"#))
            let pod = try node.makeNamespace()
            let add = try side.add(network, side.attachment("web-0", pod))
            #expect(
                add.error?.code == ["fails": .tryAgainLater, "dies": .pluginFailed, "missing": .pluginNotFound][last])
            #expect(add.result == nil)
            // What only the missing plugin says about its own DEL.
            #expect((add.cleanupError == nil) == (last != "missing"))
            let undone = add.steps.filter { $0.command == .delete }
            #expect(undone.map(\.plugin) == network.plugins.map(\.type).reversed())
            try side.expectNothing(of: "web-0")
            #expect(try pod.json(["ip", "-j", "link"]).elements.count == 1)
        }
    }

    @Test("A clean-up that fails is kept for the DEL to come")
    func unfinishedCleanUp() throws {
        try TestNode.with { node in
            let side = try RuntimeSide(node, .poplin)
            try side.script("fails", #"[ "$CNI_COMMAND" = ADD ] && exit 1"#)
            try side.script(
                "stuck",
                """
                [ "$CNI_COMMAND" = ADD ] && cat /dev/stdin | jq .prevResult
                [ "$CNI_COMMAND" = DEL ] && [ ! -e \(node.directory)/free ] && { echo '{"code":5,"msg":"stuck"}'; exit 1; }
                """)
            let network = try side.load(
                side.chain(version: "1.1.0", last: #", {"type": "stuck"}, {"type": "fails"}"#))
            let pod = try node.makeNamespace()
            let add = try side.add(network, side.attachment("web-0", pod))
            #expect(add.cleanupError?.message == "stuck")
            #expect(side.cached == ["pods-web-0-eth0"])
            #expect(try side.add(network, side.attachment("web-0", pod)).error?.code == .alreadyTaken)
            #expect(try side.delete(network, side.attachment("web-0", nil)).error?.message == "stuck")
            side.touch("free")
            #expect(try side.delete(network, side.attachment("web-0", nil)).error == nil)
            try side.expectNothing(of: "web-0")
        }
    }

    @Test(
        "A runtime killed between two plugins: DEL without a cache, or GC, cleans up",
        arguments: 1...5, [CNIRequest.Command.delete, .collectGarbage])
    func killedBetweenPlugins(_ reached: Int, _ verb: CNIRequest.Command) throws {
        try TestNode.with { node in
            let side = try RuntimeSide(node, .poplin)
            let network = try side.load(side.chain(version: "1.1.0"))
            let pod = try node.makeNamespace()
            // What a killed runtime leaves: some plugins were called, nothing was kept.
            let wanted = side.attachment("web-0", pod)
            var result: CNIResult?
            for entry in network.plugins.prefix(reached) {
                let configuration = try network.request(
                    for: entry, previousResult: result, capabilityArguments: wanted.capabilityArguments)
                let request = CNIRequest(
                    .add, containerID: wanted.containerID, networkNamespace: wanted.networkNamespace,
                    interfaceName: wanted.interfaceName)
                result = try side.run {
                    try $0.executor.add(entry.type, request, configuration: configuration, version: network.cniVersion)
                }
            }
            #expect(side.reservations.count == 2)
            if verb == .delete {
                #expect(try side.delete(network, wanted).error == nil)
            } else {
                // The container is gone with the runtime, as after a restart of the machine's runtime.
                pod.remove()
                let report = try side.collectGarbage(network, valid: [])
                #expect(report.error == nil)
            }
            try side.expectNothing(of: "web-0")
        }
    }

    @Test("The drop-in folder and the file may be gone by the time of the DEL")
    func changedConfiguration() throws {
        try TestNode.with { node in
            let side = try RuntimeSide(node, .poplin)
            try side.script("extra", #"[ "$CNI_COMMAND" = ADD ] && jq .prevResult; echo "$CNI_COMMAND" >> "$0.calls""#)
            try side.write("pods/10-extra.conf", #"{"type": "extra"}"#)
            let network = try side.load(side.chain(version: "1.1.0"))
            #expect(network.plugins.last?.type == "extra")
            let pod = try node.makeNamespace()
            #expect(try side.add(network, side.attachment("web-0", pod)).error == nil)
            let delete = try side.delete(network: "pods", configured: nil, side.attachment("web-0", nil))
            #expect(delete.error == nil)
            #expect(try String(contentsOfFile: "\(side.scripts)/extra.calls", encoding: .utf8) == "ADD\nDEL\n")
            try side.expectNothing(of: "web-0")
        }
    }

    // MARK: GC and STATUS, which no runtime of Debian 12 calls

    @Test("GC removes what is not valid, kept or not, and nothing else")
    func garbageCollection() throws {
        try TestNode.with { node in
            let side = try RuntimeSide(node, .poplin)
            let network = try side.load(side.chain(version: "1.1.0"))
            let pods = try (0..<4).map { _ in try node.makeNamespace() }
            for (number, pod) in pods.enumerated() {
                let report = try side.run {
                    $0.add(network, side.attachment("web-\(number)", pod, port: 8080 + number))
                }
                #expect(report.error == nil)
            }
            // web-1 was never deleted, web-2's cache is lost too, and web-3 is half gone: no namespace any more.
            try FileManager.default.removeItem(atPath: "\(node.cacheDirectory)/results/pods-web-2-eth0")
            pods[2].remove()
            pods[3].remove()
            let valid = [CNIAttachment(containerID: "web-0", interfaceName: "eth0")]
            #expect(
                try side.stale(network, valid: valid).map(\.attachment.containerID) == [
                    "web-1", "web-3",
                ])

            let report = try side.collectGarbage(network, valid: valid)
            #expect(report.error == nil, "\(report.steps.compactMap(\.error))")
            let deleted = report.steps.filter { $0.command == .delete }.compactMap { $0.attachment?.containerID }
            #expect(Set(deleted) == ["web-1", "web-3"])
            #expect(
                report.steps.filter { $0.command == .collectGarbage }.map(\.plugin) == network.plugins.map(\.type))

            #expect(side.cached == ["pods-web-0-eth0"])
            #expect(side.reservations == ["10.77.0.2", "fd77::2"])
            for container in ["web-1", "web-2", "web-3"] { #expect(try !side.ruleset().contains(container)) }
            #expect(try side.hostPorts().contains("10.77.0.2"))
            #expect(try side.podLinks().count == 1)
            #expect(try side.check(network, side.attachment("web-0", pods[0])).error == nil)
            // Twice is as good as once.
            #expect(try side.collectGarbage(network, valid: valid).error == nil)
            #expect(try side.check(network, side.attachment("web-0", pods[0])).error == nil)
            #expect(try side.collectGarbage(network, valid: []).error == nil)
            try side.expectNothing(of: "web-0")
        }
    }

    @Test("STATUS tells the truth about the pool")
    func status() throws {
        try TestNode.with { node in
            let side = try RuntimeSide(node, .poplin)
            // .1 is the gateway, .2 and .3 are free.
            let network = try side.load(side.chain(version: "1.1.0", range: #""rangeEnd": "10.77.0.3","#))
            #expect(try side.status(network).error == nil)
            for number in 0..<2 {
                let pod = try node.makeNamespace()
                let report = try side.run {
                    $0.add(network, side.attachment("web-\(number)", pod, port: 8080 + number))
                }
                #expect(report.error == nil)
            }
            let full = try side.status(network)
            #expect(full.error?.code == .notAvailable)
            #expect(full.steps.map(\.plugin) == network.plugins.map(\.type))
            #expect(full.steps.filter { !$0.succeeded }.map(\.plugin) == ["bridge"])
            let pod = try node.makeNamespace()
            let third = try side.add(network, side.attachment("web-2", pod, port: 8082))
            #expect(third.error?.code == .addressesExhausted)
            try side.expectNothing(of: "web-2")
            #expect(try side.delete(network, side.attachment("web-0", nil)).error == nil)
            #expect(try side.status(network).error == nil)
        }
    }

    @Test("Both plugin sets say which versions they speak", arguments: Plugins.allCases)
    func versions(_ plugins: Plugins) throws {
        try TestNode.with { node in
            let side = try RuntimeSide(node, plugins)
            let network = try side.load(side.chain(version: "1.0.0"))
            let report = try side.validate(network)
            #expect(report.error == nil)
            #expect(report.steps.map(\.plugin) == network.plugins.map(\.type) + ["host-local"])
            #expect(report.steps.allSatisfy { $0.versions.contains("1.0.0") })
            #expect(report.steps.allSatisfy { $0.versions.contains("1.1.0") == (plugins == .poplin) })
            let newer = try side.load(side.chain(version: "1.1.0"))
            let code = try side.validate(newer).error?.code
            #expect(code == (plugins == .poplin ? nil : .incompatibleVersion))
        }
    }
}
