import Addressing
import Foundation
import Glibc
import Netlink
import SystemCalls
import Testing

/// What we tell the kernel and read from it, with iproute2 as the witness.
@Suite(.enabled(if: getuid() == 0, "needs root")) struct RouteSocketTests {
    private func make<Value>(_ value: Value?) throws -> Value { try #require(value) }

    /// A node with a socket in its namespace.
    private func withSocket(_ body: (TestNode, inout RouteSocket) throws -> Void) throws {
        try TestNode.with { node in
            let descriptor = try FileDescriptor.open(node.namespace.path, O_RDONLY)
            var socket = try RouteSocket(in: descriptor)
            try body(node, &socket)
        }
    }

    /// More answers than a socket has room for.
    @Test func threeHundredLinksAreFoundByName() throws {
        try withSocket { node, socket in
            let names = (0..<300).map { "many\($0)" }
            let made = names.map { "link add \($0) type ifb" }.joined(separator: "\n")
            try node.namespace.check(["ip", "-batch", "-"], stdin: made)
            let links = try socket.links(named: names + ["none"])
            #expect(links.map { $0?.name } == names + [nil])
        }
    }

    @Test func linksAreReadAsIproute2ReadsThem() throws {
        try withSocket { node, socket in
            let pod = try node.makeNamespace()
            try node.namespace.check(["ip", "link", "add", "br0", "mtu", "1400", "type", "bridge", "stp_state", "1"])
            try node.namespace.check([
                "ip", "link", "add", "veth0", "alias", "a b", "type", "veth", "peer", "name", "eth0", "netns", pod.name,
            ])
            try node.namespace.check(["ip", "link", "set", "veth0", "up", "master", "br0", "txqueuelen", "77"])
            try node.namespace.check(["ip", "link", "set", "br0", "up", "promisc", "on"])
            try node.namespace.check(["ip", "link", "set", "veth0", "alias", "a b"])
            try node.namespace.check(["ip", "link", "set", "veth0", "type", "bridge_slave", "hairpin", "on"])
            try node.namespace.check([
                "ip", "link", "property", "add", "dev", "br0", "altname", "the-bridge-of-this-test",
            ])
            let links = try socket.links()
            let witness = try node.namespace.json(["ip", "-j", "-d", "link", "show"]).elements
            #expect(links.count == witness.count)
            for (link, seen) in zip(links, witness) {
                #expect(link.name == seen["ifname"]?.string)
                #expect(Int64(link.index.rawValue) == seen["ifindex"]?.int)
                #expect(link.mac?.description == seen["address"]?.string)
                #expect(Int64(link.mtu) == seen["mtu"]?.int)
                #expect(link.operationalState.description.uppercased() == seen["operstate"]?.string)
                #expect(Int64(link.transmitQueueLength) == seen["txqlen"]?.int)
                #expect(Int64(link.promiscuity) == seen["promiscuity"]?.int)
                #expect(link.queueingDiscipline == seen["qdisc"]?.string)
                #expect(link.kind == seen["linkinfo"]?["info_kind"]?.string)
                #expect(link.alias == seen["ifalias"]?.string)
                #expect(link.isUp == seen["flags"]?.elements.contains("UP"))
                #expect(link.hasCarrier == (seen["flags"]?.elements.contains("LOWER_UP") ?? false))
                let master = links.first { $0.index == link.master }?.name
                #expect(master == seen["master"]?.string)
            }
            let bridge = try make(try socket.link(named: "br0"))
            #expect(bridge.bridge?.spanningTree == true)
            #expect(bridge.alternativeNames == ["the-bridge-of-this-test"])
            #expect(try socket.link(named: "the-bridge-of-this-test")?.index == bridge.index)
            let port = try make(try socket.link(named: "veth0"))
            #expect(port.port?.hairpin == true)
            #expect(port.port?.isolated == false)
            #expect(port.linkNamespaceID != nil)
            #expect(try socket.links(master: bridge.index).map(\.name) == ["veth0"])
            #expect(try socket.links(kind: "bridge").map(\.name) == ["br0"])
            #expect(try socket.links(named: ["no", "br0", "neither"]).map { $0?.name } == [nil, "br0", nil])
            #expect(try socket.link(named: "absent") == nil)
            #expect(try socket.link(at: InterfaceIndex(4242)) == nil)
        }
    }

    @Test func linksOfAGroupAreDeletedTogetherAndNoOthers() throws {
        try withSocket { node, socket in
            let pod = try node.makeNamespace()
            for number in 1...4 {
                try node.namespace.check([
                    "ip", "link", "add", "v\(number)", "type", "veth", "peer", "name", "p\(number)", "netns", pod.name,
                ])
            }
            try node.namespace.check(["ip", "link", "set", "v4", "group", "7"])
            let group: UInt32 = 0x5000_0001
            var batch = RequestBatch()
            batch.change(.name("v1"), LinkChange(group: group))
            batch.change(.name("v2"), LinkChange(group: group))
            try socket.commit(&batch)
            // What `ip` leaves out it prints as an empty object.
            let inGroup = try node.namespace.json(["ip", "-j", "link", "show", "group", "\(group)"]).elements
            #expect(inGroup.compactMap { $0["ifname"]?.string }.sorted() == ["v1", "v2"])
            batch = RequestBatch()
            batch.deleteGroup(group)
            try socket.commit(&batch)
            let left = try node.namespace.json(["ip", "-j", "link", "show", "type", "veth"]).elements
            #expect(left.compactMap { $0["ifname"]?.string }.sorted() == ["v3", "v4"])
            batch = RequestBatch()
            batch.deleteGroup(group)
            let failures = try socket.perform(&batch)
            #expect(failures.count == 1, "an empty group is an error")
        }
    }

    @Test func aPairIsMadeInTwoNamespacesAndConfiguredInOneSend() throws {
        try withSocket { node, socket in
            let pod = try node.makeNamespace()
            let inside = try FileDescriptor.open(pod.path, O_RDONLY)
            var batch = RequestBatch()
            batch.create(LinkCreation("br0", .bridge(BridgeSettings())))
            try socket.commit(&batch)
            let bridge = try make(try socket.link(named: "br0"))
            var creation = LinkCreation(
                "veth0",
                .veth(
                    VethPeer(
                        "eth0", mtu: 1400, mac: MACAddress("02:00:00:00:00:07"), namespace: inside.rawValue)))
            creation.master = bridge.index
            creation.isUp = true
            creation.mtu = 1400
            batch.create(creation)
            batch.change(
                .name("veth0"),
                LinkChange(alias: "mine", transmitQueueLength: 50, port: BridgePort(hairpin: true, isolated: true)))
            batch.change(.name("veth0"), LinkChange(makesLinkLocalAddress: false))
            batch.change(.index(bridge.index), LinkChange(isUp: true, isPromiscuous: true, isAllMulticast: true))
            try socket.commit(&batch)
            let seen = try node.link("veth0")
            #expect(seen["master"] == "br0")
            #expect(seen["ifalias"] == "mine")
            #expect(seen["txqlen"] == 50)
            #expect(seen["mtu"] == 1400)
            #expect(seen["linkinfo"]?["info_slave_data"]?["hairpin"] == true)
            #expect(seen["linkinfo"]?["info_slave_data"]?["isolated"] == true)
            #expect(try pod.link("eth0")["address"] == "02:00:00:00:00:07")
            let flags = try node.link("br0")["flags"]?.elements ?? []
            #expect(flags.contains("PROMISC") && flags.contains("ALLMULTI") && flags.contains("UP"))
            // Setting one flag leaves the others as they are.
            batch.change(.name("br0"), LinkChange(isPromiscuous: false))
            try socket.commit(&batch)
            let after = try node.link("br0")["flags"]?.elements ?? []
            #expect(!after.contains("PROMISC") && after.contains("ALLMULTI") && after.contains("UP"))
            batch.change(.name("veth0"), LinkChange(master: .nobody, alias: ""))
            batch.delete(.name("br0"))
            try socket.commit(&batch)
            #expect(try node.link("veth0")["ifalias"] == nil)
            #expect(try node.links() == ["veth0"])
        }
    }

    @Test func addressesRoutesNeighboursAndRules() throws {
        try withSocket { node, socket in
            try node.namespace.check(["ip", "link", "add", "veth0", "up", "type", "veth", "peer", "name", "veth1"])
            try node.namespace.check(["ip", "link", "set", "veth1", "up"])
            let link = try make(try socket.link(named: "veth0"))
            var batch = RequestBatch()
            batch.add(
                LinkAddress(
                    try make(InterfaceAddress("10.1.0.2/24")), on: link.index, broadcast: IPv4Address("10.1.0.255")))
            batch.add(LinkAddress(try make(InterfaceAddress("fd01::2/64")), on: link.index, flags: .noDAD))
            batch.add(
                LinkAddress(try make(InterfaceAddress("10.7.0.2/24")), on: link.index, flags: .noPrefixRoute))
            var rich = Route(to: try make(IPPrefix("10.20.0.0/16")), via: IPAddress("10.1.0.5"), on: link.index)
            rich.priority = 50
            rich.mtu = 1300
            rich.advertisedMSS = 1200
            rich.source = IPAddress("10.1.0.2")
            rich.table = 1000
            batch.add(rich)
            var onLink = Route(to: try make(IPPrefix("0.0.0.0/0")), via: IPAddress("169.254.1.1"), on: link.index)
            onLink.isOnLink = true
            batch.add(onLink)
            let first = Route(to: try make(IPPrefix("fd77::/64")), via: IPAddress("fd01::5"), on: link.index)
            batch.add(first, .append)
            let second = Route(to: try make(IPPrefix("fd77::/64")), via: IPAddress("fd01::6"), on: link.index)
            batch.add(second, .append)
            var blackhole = Route(to: try make(IPPrefix("10.66.0.0/16")))
            blackhole.kind = .blackhole
            batch.add(blackhole)
            var fan = Route(to: try make(IPPrefix("10.67.0.0/16")))
            fan.nextHops = [
                .init(gateway: IPAddress("10.1.0.5"), interface: link.index, weight: 1),
                .init(gateway: IPAddress("10.1.0.6"), interface: link.index, weight: 3),
            ]
            batch.add(fan)
            batch.replace(
                Neighbour(try make(IPAddress("10.1.0.9")), at: MACAddress("02:00:00:00:00:09"), on: link.index))
            var rule = RoutingRule(family: .v4, priority: 100, table: 1000)
            rule.source = IPPrefix("10.1.0.0/24")
            rule.mark = 7
            batch.add(rule)
            try socket.commit(&batch)

            #expect(try node.namespace.addresses("veth0") == ["10.1.0.2/24", "10.7.0.2/24", "fd01::2/64"])
            let routes = try node.namespace.check(["ip", "route", "show", "table", "all"]).stdout
            for line in [
                "10.20.0.0/16 via 10.1.0.5 dev veth0 table 1000 proto 112 src 10.1.0.2 metric 50 mtu 1300 advmss 1200",
                "default via 169.254.1.1 dev veth0 proto 112 onlink", "blackhole 10.66.0.0/16 proto 112",
                "nexthop via 10.1.0.6 dev veth0 weight 3",
            ] {
                #expect(routes.contains(line), "\(line)\n\(routes)")
            }
            #expect(!routes.contains("10.7.0.0/24"))
            #expect(
                try node.namespace.check(["ip", "neigh", "show", "10.1.0.9"]).stdout
                    .contains("lladdr 02:00:00:00:00:09 PERMANENT"))
            #expect(
                try node.namespace.check(["ip", "rule"]).stdout.contains("from 10.1.0.0/24 fwmark 0x7 lookup 1000"))

            // And the same read back.
            let addresses = try socket.addresses(on: link.index)
            #expect(addresses.first { $0.address.description == "10.1.0.2/24" }?.broadcast?.description == "10.1.0.255")
            #expect(addresses.first { $0.address.description == "10.7.0.2/24" }?.flags.contains(.noPrefixRoute) == true)
            #expect(addresses.first { $0.address.description == "fd01::2/64" }?.flags.contains(.noDAD) == true)
            #expect(try socket.routes(.v4, table: 1000) == [rich.read])
            #expect(try socket.routes(.v4, table: 4711) == [])
            let main = try socket.routes(.v4)
            #expect(main.contains { $0.isDefault && $0.isOnLink && $0.origin == RTPROT_POPLIN })
            #expect(main.contains { $0.kind == .blackhole })
            #expect(main.first { !$0.nextHops.isEmpty }?.nextHops == fan.nextHops)
            let six = try socket.routes(.v6).filter { $0.destination == first.destination }
            #expect(six.flatMap { $0.nextHops.isEmpty ? [$0.gateway] : $0.nextHops.map(\.gateway) }.count == 2)
            let neighbours = try socket.neighbours(.v4, on: link.index)
            #expect(neighbours.first { $0.address.description == "10.1.0.9" }?.state == .permanent)
            let rules = try socket.rules(.v4)
            #expect(
                rules.contains { $0.priority == 100 && $0.table == 1000 && $0.mark == 7 && $0.source == rule.source })
            #expect(rules.map(\.priority) == rules.map(\.priority).sorted())
            #expect(try socket.route(to: try make(IPAddress("10.1.0.77")))?.interface == link.index)
            #expect(try socket.route(to: try make(IPAddress("fd01::77")))?.interface == link.index)
        }
    }

    @Test func refusalsCarryTheKernelsSentence() throws {
        try withSocket { node, socket in
            var batch = RequestBatch()
            batch.create(LinkCreation("a", .dummy))
            batch.create(LinkCreation("br0", .bridge(BridgeSettings())))
            batch.create(LinkCreation("br0", .bridge(BridgeSettings())))
            batch.delete(.name("absent"))
            batch.add(Route(to: try make(IPPrefix("10.0.0.0/8")), via: IPAddress("192.0.2.1")))
            let failures = try socket.perform(&batch)
            let tail = failures.filter { $0.index >= 2 }
            #expect(tail.map(\.index) == [2, 3, 4])
            #expect(tail.map(\.error.errno) == [.EEXIST, .ENODEV, .ENETUNREACH])
            #expect(tail[0].error.request == "RTM_NEWLINK br0")
            #expect(tail[2].error.message == "Nexthop has invalid gateway")
            #expect(tail[2].error.request == "RTM_NEWROUTE 10.0.0.0/8 via 192.0.2.1")
            #expect(try node.links().contains("br0"))
        }
    }

    @Test func thousandRequestsInOneSend() throws {
        try withSocket { node, socket in
            try node.namespace.check(["ip", "link", "add", "br0", "up", "type", "bridge"])
            let link = try make(try socket.link(named: "br0"))
            var batch = RequestBatch()
            for index in 0..<1000 {
                let address = IPAddress(number: UInt128(0x0a01_0000 + index), family: .v4)
                batch.add(LinkAddress(InterfaceAddress(host: address), on: link.index))
                batch.add(LinkAddress(InterfaceAddress(host: address), on: link.index))
            }
            // Every second one is refused: no answer may be lost.
            let failures = try socket.perform(&batch)
            #expect(failures.map(\.index) == (0..<1000).map { $0 * 2 + 1 })
            #expect(Set(failures.map(\.error.errno)) == [.EEXIST])
            #expect(try socket.addresses(on: link.index, family: .v4).count == 1000)
        }
    }

    @Test func disciplinesAndFilters() throws {
        try withSocket { node, socket in
            try node.namespace.check(["ip", "link", "add", "veth0", "up", "type", "veth", "peer", "name", "veth1"])
            var batch = RequestBatch()
            var creation = LinkCreation("ifb0", .ifb)
            creation.isUp = true
            batch.create(creation)
            try socket.commit(&batch)
            let (link, ifb) = (try make(try socket.link(named: "veth0")), try make(try socket.link(named: "ifb0")))
            let bucket = TokenBucket(rate: 1_000_000, burst: 100_000, latency: 25_000)
            let root = QueueingDiscipline(
                .tokenBucket(bucket), on: link.index, handle: TrafficControlHandle(major: 1))
            batch.add(root)
            batch.add(QueueingDiscipline(.ingress, on: link.index))
            let filter = RedirectFilter(from: link.index, to: ifb.index, priority: 7)
            batch.add(filter)
            try socket.commit(&batch)
            let seen = try node.namespace.json(["tc", "-j", "qdisc", "show", "dev", "veth0"]).elements
            let options = seen.first { $0["kind"] == "tbf" }?["options"]
            #expect(options?["rate"] == 1_000_000 && options?["burst"] == 100_000 && options?["lat"] == 25_000)
            let filters = try node.namespace.check(["tc", "filter", "show", "dev", "veth0", "ingress"]).stdout
            #expect(filters.contains("mirred (Egress Redirect to device ifb0)"))
            let read = try socket.queueingDisciplines(on: link.index)
            let tbf = try #require(read.first { $0.parent == .root })
            guard case .tokenBucket(let got) = tbf.kind else { throw HarnessError("\(tbf)") }
            #expect(got.matches(bucket))
            #expect(read.contains { $0.kind == .ingress })
            let listed = try socket.filters(on: link.index, parent: .ingressFilters)
            #expect(listed.contains { $0.redirectTarget == ifb.index && $0.priority == 7 && $0.kind == "u32" })
            batch.delete(filter)
            batch.delete(QueueingDiscipline(.ingress, on: link.index))
            batch.delete(root)
            try socket.commit(&batch)
            #expect(try node.namespace.json(["tc", "-j", "qdisc", "show", "dev", "veth0"]).elements.count == 1)
        }
    }

    @Test func eventsOfALinkArrive() throws {
        try withSocket { node, socket in
            let descriptor = try FileDescriptor.open(node.namespace.path, O_RDONLY)
            var events = try RouteSocket(in: descriptor)
            try events.listen(to: .addressesIPv4)
            _ = try events.links()
            try events.listen(to: .link)
            var batch = RequestBatch()
            batch.create(LinkCreation("br0", .bridge(BridgeSettings())))
            try socket.commit(&batch)
            var names: Set<String> = []
            while !names.contains("br0") {
                let came = try events.nextEvents(within: 2000) { message throws(MalformedMessage) in
                    if let link = try Link(message) { names.insert(link.name) }
                }
                if !came { break }
            }
            #expect(names.contains("br0"))
        }
    }

    @Test func nothingStaysOpen() throws {
        try withSocket { node, _ in
            func count() throws -> Int { try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count }
            let descriptor = try FileDescriptor.open(node.namespace.path, O_RDONLY)
            for _ in 0..<3 { _ = try RouteSocket(in: descriptor).self }
            let before = Set(try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd"))
            for _ in 0..<200 {
                var socket = try RouteSocket(in: descriptor)
                _ = try socket.links()
            }
            // Other tests run beside this one and open files, too, but not hundreds.
            #expect(try count() < before.count + 150)
        }
    }
}

extension Route {
    /// As the kernel lists it: with its scope said.
    fileprivate var read: Route {
        var route = self
        route.scope = 0
        return route
    }
}
