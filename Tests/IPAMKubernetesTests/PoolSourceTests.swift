import Addressing
import IPAM
import JSONTree
import KubernetesClient
import KubernetesModel
import Synchronization
import Testing

@testable import IPAMKubernetes

@Suite struct PoolSourceTests {
    private func rig(_ body: (PoolRig) async throws -> Void) async throws {
        let rig = try await PoolRig()
        do { try await body(rig) } catch {
            await rig.stop()
            throw error
        }
        await rig.stop()
    }

    private func refusal(_ source: PoolSource, _ wanted: AddressRequest) async -> AddressSourceError? {
        do throws(AddressSourceError) {
            _ = try await source.allocate(wanted)
            return nil
        } catch { return error }
    }

    @Test func blocksAreClaimedWhenNeededAndGivenBackWhenEmpty() async throws {
        try await rig { rig in
            try await rig.pool("default", ["cidrs": ["10.5.0.0/24"], "ipv4BlockSize": 28])
            let announced = Mutex<[[IPPrefix]]>([])
            let source = try rig.source(
                "node-a", onRangesChanged: { ranges in announced.withLock { $0.append(ranges) } })
            // The tunnel has one of the block's sixteen addresses.
            for index in 0..<15 { _ = try await source.allocate(request("c\(index)")) }
            #expect(try await rig.blocks().count == 1)
            let next = try await source.allocate(request("c15"))
            #expect(try await rig.blocks().count == 2)
            #expect(await source.tunnelAddresses().count == 1)
            let announcedLast = announced.withLock { $0.last ?? [] }
            #expect(announcedLast.count == 2)
            #expect(announcedLast.contains { prefix in next.contains { prefix.contains($0.address) } })

            try await source.refresh()
            let statuses = try await rig.blocks().compactMap(\.status)
            #expect(statuses.map(\.allocated).sorted() == [1, 16])
            #expect(statuses.flatMap(\.allocations).contains { $0.pod == "pod-c3" && $0.namespace == "shop" })

            try await source.release(handle("c15"))
            try await source.refresh()
            try await source.refresh()
            #expect(try await rig.blocks().count == 2)
            rig.clock.advance(150)
            try await source.refresh()
            let report = try await source.refresh()
            #expect(report.givenBack.count == 1)
            #expect(try await rig.blocks().count == 1)
            #expect(announced.withLock { $0.last?.count } == 1)
        }
    }

    @Test func agentsThatFightForBlocksNeverGiveOneAddressTwiceAndLeakNothing() async throws {
        try await rig { rig in
            // Sixteen blocks of eight addresses for four nodes that want 26 each.
            try await rig.pool("default", ["cidrs": ["10.6.0.0/25"], "ipv4BlockSize": 29])
            let sources = try (0..<4).map { try rig.source("node-\($0)", cooldown: 0) }
            var all: [IPAddress] = []
            try await withThrowingTaskGroup(of: [IPAddress].self) { group in
                for (index, source) in sources.enumerated() {
                    for pod in 0..<26 {
                        let wanted = try request("n\(index)p\(pod)")
                        group.addTask { try await source.allocate(wanted).map(\.address) }
                    }
                }
                for try await addresses in group { all += addresses }
            }
            #expect(all.count == 104)
            #expect(Set(all).count == 104)
            let blocks = try await rig.blocks()
            for source in sources {
                let ranges = await source.ranges()
                let node = await source.settings.node
                #expect(ranges == blocks.filter { $0.node == node }.map(\.cidr))
            }
            // Release and ask again, all at once.
            try await withThrowingTaskGroup(of: Void.self) { group in
                for (index, source) in sources.enumerated() {
                    for pod in 0..<26 {
                        let again = try request("n\(index)r\(pod)")
                        group.addTask {
                            try await source.release(handle("n\(index)p\(pod)"))
                            _ = try await source.allocate(again)
                        }
                    }
                }
                try await group.waitForAll()
            }
            var held: [IPAddress] = []
            for source in sources { held += await source.allocations().map(\.address) }
            #expect(held.count == 104 && Set(held).count == 104)

            for source in sources {
                try await source.release(allBut: [])
                for _ in 0..<3 { try await source.refresh() }
            }
            let left = try await rig.blocks()
            #expect(left.count == 4)
            #expect(Set(left.map(\.node)).count == 4)
            #expect(left.allSatisfy { $0.status?.allocated == 1 })
        }
    }

    @Test func aFullPoolSaysSoAndGrowsWhileInUse() async throws {
        try await rig { rig in
            try await rig.pool("small", ["cidrs": ["10.7.0.0/30"], "ipv4BlockSize": 31])
            let source = try rig.source("node-a")
            for index in 0..<3 { _ = try await source.allocate(request("c\(index)")) }
            let error = try #require(await refusal(source, try request("c3")))
            #expect(error.reason == .exhausted)
            #expect(error.message.contains("2 blocks of node node-a in small have 4 given out"), "\(error)")
            #expect(await source.addresses(of: handle("c3")).isEmpty)

            _ = try await rig.client.collection(of: IPPool.self).patch(
                "small", .merge(["spec": ["cidrs": ["10.7.0.0/30", "10.7.1.0/30"]]]))
            try await source.refresh()
            let address = try #require(try await source.allocate(request("c3")).first)
            #expect(try IPPrefix(parsing: "10.7.1.0/30").contains(address.address))

            let few = try rig.source("node-b", mostBlocks: 1)
            _ = try await few.allocate(request("d0"))
            let limit = try #require(await refusal(few, try request("d1")))
            #expect(limit.message.contains("which is the most it may have"), "\(limit)")
        }
    }

    @Test func poolsAreChosenByNodeNamespaceAndName() async throws {
        try await rig { rig in
            try await rig.pool(
                "gpu", ["cidrs": ["10.8.0.0/24"], "nodeSelector": ["matchLabels": ["gpu": "yes"]]])
            try await rig.pool(
                "shop", ["cidrs": ["10.8.1.0/24"], "namespaceSelector": ["matchLabels": ["team": "shop"]]])
            try await rig.pool("asked", ["cidrs": ["10.8.2.0/24"], "assignment": "Manual"])
            let source = try rig.source("node-a")
            let none = try #require(await refusal(source, try request("a")))
            #expect(
                none.message.contains("none of 3 IPPools (asked, gpu, shop) selects node node-a and namespace shop"),
                "\(none)")

            var mine = try request("a")
            mine.namespaceLabels = ["team": "shop"]
            #expect(try await source.allocate(mine).first?.address.description.hasPrefix("10.8.1.") == true)
            let named = try await source.allocate(request("b", pools: ["asked"]))
            #expect(named.first?.address.description.hasPrefix("10.8.2.") == true)
            await source.setNodeLabels(["gpu": "yes"])
            #expect(try await source.allocate(request("c")).first?.address.description.hasPrefix("10.8.0.") == true)
            let unknown = try #require(await refusal(source, try request("d", pools: ["nope"])))
            #expect(unknown.description.contains("there is no IPPool nope; pools there are: asked, gpu, shop"))
        }
    }

    @Test func aReservedAddressFollowsItsPodFromNodeToNode() async throws {
        try await rig { rig in
            try await rig.pool(
                "default", ["cidrs": ["10.9.0.0/24"], "reservations": ["10.9.0.0-10.9.0.15"]])
            let (a, b) = (try rig.source("node-a"), try rig.source("node-b"))
            #expect(try await a.allocate(request("db", static: ["10.9.0.7"])).map(\.description) == ["10.9.0.7/32"])
            let taken = try #require(await refusal(b, try request("db2", static: ["10.9.0.7"])))
            #expect(taken.message.contains("10.9.0.7 is in block 10.9.0.7/32 of node node-a"), "\(taken)")
            try await a.release(handle("db"))
            #expect(try await b.allocate(request("db2", static: ["10.9.0.7"])).map(\.description) == ["10.9.0.7/32"])
            #expect(try await rig.blocks().map { "\($0.cidr) \($0.node)" } == ["10.9.0.7/32 node-b"])
            // Nobody gets a reserved one unasked.
            for index in 0..<20 {
                let got = try await a.allocate(request("c\(index)"))
                #expect(!got.contains { $0.address.number & 0xFF < 16 }, "\(got)")
            }
        }
    }

    @Test func theRecordAndTheAPIAreBroughtTogetherAgain() async throws {
        try await rig { rig in
            try await rig.pool("default", ["cidrs": ["10.10.0.0/24"], "ipv4BlockSize": 28])
            let first = try rig.source("node-a")
            let kept = try await first.allocate(request("a"))
            // Killed and started again: nothing is asked of the API for an address out of the block at hand.
            let second = try rig.source("node-a")
            #expect(await second.addresses(of: handle("a")) == kept)

            // Somebody removed the block's object: it is in use, so it is claimed again.
            let block = try #require(try await rig.blocks().first)
            try await rig.client.collection(of: IPAMBlock.self).delete(block.metadata.name)
            #expect(try await second.refresh().contested.isEmpty)
            #expect(try await rig.blocks().map(\.cidr) == [block.cidr])

            // Another node has it now: that is said, with the node's name.
            try await rig.client.collection(of: IPAMBlock.self).delete(block.metadata.name)
            _ = try await rig.client.collection(of: IPAMBlock.self).create(
                IPAMBlock.claim(block.cidr, pool: "default", node: "node-z", owner: nil))
            let report = try await second.refresh()
            #expect(report.contested.map { "\($0.range) \($0.node)" } == ["\(block.cidr) node-z"])
        }
    }

    @Test func withoutTheAPIAddressesOfBlocksAtHandAreGivenOut() async throws {
        let rig = try await PoolRig()
        try await rig.pool("default", ["cidrs": ["10.11.0.0/24"], "ipv4BlockSize": 30])
        let source = try rig.source("node-a")
        _ = try await source.allocate(request("a"))
        await rig.stop()
        _ = try await source.allocate(request("b"))
        _ = try await source.allocate(request("c"))
        let error = try #require(await refusal(source, try request("d")))
        #expect(error.reason == .unreachable)
        #expect(try await source.release(handle("b")).count == 1)
    }

    @Test func aPoolOverAnOlderOneGivesNothingOutUntilItIsGone() async throws {
        let rig = try await PoolRig()
        try await rig.pool("default", ["cidrs": ["10.12.0.0/28"], "ipv4BlockSize": 30])
        // Of the same second; its name comes later.
        try await rig.pool(
            "later", ["cidrs": ["10.12.0.0/24"], "ipv4BlockSize": 26, "assignment": "Manual"])
        let source = try rig.source("node-a")
        let report = try await source.prepare()
        #expect(
            report.complaints.map(\.message) == [
                "IPPool later: spec.cidrs[0] 10.12.0.0/24 overlaps 10.12.0.0/28 of IPPool default"
            ])
        var wish = try request("a")
        wish.pools = ["later"]
        let error = try #require(await refusal(source, wish))
        #expect(error.reason == .noRange && error.message == report.complaints.first?.message)
        #expect(try await source.allocate(request("b")).count == 1)
        try await rig.client.collection(of: IPPool.self).delete("default")
        #expect(try await source.prepare().complaints.isEmpty)
        await rig.stop()
    }

    @Test func aPoolThatLiesWhereItMustNotGivesNothingNewOut() async throws {
        let rig = try await PoolRig()
        try await rig.pool("default", ["cidrs": ["10.96.0.0/28"], "ipv4BlockSize": 30])
        let verdict = "IPPool default: spec.cidrs[0]: the pool 10.96.0.0/28 overlaps the service range 10.96.0.0/12"
        let isBad = Mutex(false)
        let source = try rig.source("node-a", judge: { _ in isBad.withLock { $0 } ? ["default": verdict] : [:] })
        _ = try await source.prepare()
        #expect(try await source.allocate(request("a")).count == 1)
        isBad.withLock { $0 = true }
        _ = try await source.prepare()
        let error = try #require(await refusal(source, try request("b")))
        #expect(error.reason == .noRange && error.message == verdict)
        let free = try #require(IPAddress("10.96.0.2"))
        let fixed = try #require(await refusal(source, try request("c", static: [free.description])))
        #expect(fixed.message == verdict)
        // Who has an address keeps it.
        #expect(try await source.allocate(request("a")).count == 1)
        isBad.withLock { $0 = false }
        #expect(try await source.allocate(request("b")).count == 1)
        await rig.stop()
    }

    @Test(
        "The server refuses what is no network, with the field and what to write",
        arguments: [
            (
                ["cidrs": ["10.1.0.0/16", "10.2.3.4/16"]], "spec.cidrs[1]",
                "10.2.3.4/16 has host bits: write the network"
            ),
            (["cidrs": ["fd00:1::5/56"]], "spec.cidrs[0]", "fd00:1::5/56 has host bits"),
            (["cidrs": ["10.1.0.0"]], "spec.cidrs[0]", "must be of type cidr"),
            (
                ["cidrs": ["10.1.0.0/16"], "reservations": ["10.1.0.1", "10.1.0.2-10.1.0.x"]], "spec.reservations[1]",
                "must be an address, a range"
            ),
            (["cidrs": ["10.1.0.0/16"], "reservations": ["10.1.0.9/24"]], "spec.reservations[0]", "without host bits"),
        ] as [(JSONValue, String, String)])
    func whatIsNoNetworkIsRefused(spec: JSONValue, field: String, words: String) async throws {
        try await rig { rig in
            let error = await #expect(throws: KubernetesFailure.self) { try await rig.pool("odd", spec) }
            let message = error?.status?.message ?? "\(error, default: "")"
            #expect(message.contains(field) && message.contains(words), "\(message)")
        }
    }

    @Test func rangesOfEveryFormAreTaken() async throws {
        try await rig { rig in
            try await rig.pool(
                "good",
                [
                    "cidrs": ["10.1.0.0/16", "FD00:1:0::/56", "0.0.0.0/0"],
                    "reservations": ["10.1.0.1", "10.1.0.2-10.1.0.9", "10.1.1.0/24", "fd00:1::1-fd00:1::2"],
                ])
            #expect(try await rig.client.list(IPPool.self).objects.first?.reservations.count == 4)
        }
    }

    @Test func whereTheServerHasNoRulesABadPoolIsToldOfAndTakesNoOtherWithIt() async throws {
        let rig = try await PoolRig(hasRules: false)
        try await rig.pool("broken", ["cidrs": ["10.20.0.0/24"], "reservations": ["10.20.0.x"]])
        try await rig.pool("bits", ["cidrs": ["10.21.0.77/24"], "ipv4BlockSize": 28])
        let source = try rig.source("node-a")
        let report = try await source.prepare()
        #expect(report.complaints.map(\.pool) == ["broken", "bits"])
        #expect(report.complaints.map(\.consequence) == [.barred, .used])
        let broken = try #require(report.complaints.first)
        #expect(broken.message.hasPrefix("IPPool broken: spec.reservations[0]: Invalid value"), "\(broken.message)")
        #expect(!broken.uid.isEmpty)
        #expect(
            report.complaints.last?.message
                == "IPPool bits: spec.cidrs[0] 10.21.0.77/24 has host bits: 10.21.0.0/24 is used, and should be written there"
        )
        let address = try await source.allocate(request("a")).first
        #expect(address.map { $0.description.hasPrefix("10.21.0.") } == true)
        var wish = try request("b")
        wish.pools = ["broken"]
        #expect(await refusal(source, wish)?.message == broken.message)

        // Put right in place, which the rules allow, and nothing is said any more.
        try await rig.teachRules()
        let pools = rig.client.collection(of: IPPool.self)
        _ = try await pools.patch("bits", .merge(["spec": ["cidrs": ["10.21.0.0/24"]]]))
        _ = try await pools.patch("broken", .merge(["spec": ["reservations": ["10.20.0.9"]]]))
        #expect(try await source.prepare().complaints == [])
        let taken = await #expect(throws: KubernetesFailure.self) {
            _ = try await pools.patch("bits", .merge(["spec": ["cidrs": ["10.22.0.0/24"]]]))
        }
        #expect(taken?.status?.message.contains("none can be taken away") == true)
        await rig.stop()
    }

    @Test func aPoolMadeAMomentAgoIsSeen() async throws {
        let rig = try await PoolRig()
        try await rig.pool("default", ["cidrs": ["10.13.0.0/30"], "ipv4BlockSize": 30])
        let source = try rig.source("node-a")
        // Of four addresses the tunnel has one.
        for name in ["a", "b", "c"] { _ = try await source.allocate(request(name)) }
        #expect(await refusal(source, try request("e"))?.reason == .exhausted)
        // Nobody looks in between: the allocation itself does when it finds nothing.
        try await rig.pool("more", ["cidrs": ["10.14.0.0/30"], "ipv4BlockSize": 30])
        #expect(try await source.allocate(request("e")).first?.description.hasPrefix("10.14.0.") == true)
        await rig.stop()
    }

    @Test(arguments: [
        ("10.244.0.0/26", "10-244-0-0-26"), ("fd00:10:244::40/122", "fd00-10-244-0-0-0-0-40-122"),
        ("::/122", "0-0-0-0-0-0-0-0-122"),
    ])
    func aRangeHasOneNameThatTheAPITakes(range: String, name: String) throws {
        let computed = IPAMBlock.name(of: try IPPrefix(parsing: range))
        #expect(computed == name)
        #expect(NameRule.dnsSubdomain.problems(in: computed) == [])
    }

    @Test func aPoolIsCheckedInItselfAndBesideOthers() throws {
        var pool = IPPool(
            name: "a", cidrs: [try IPPrefix(parsing: "10.0.0.0/24"), try IPPrefix(parsing: "10.0.0.128/27")])
        let other = IPPool(name: "b", cidrs: [try IPPrefix(parsing: "10.0.0.0/16")])
        let problems = pool.problems(beside: [pool, other])
        #expect(problems.contains("IPPool a: spec.cidrs[1] 10.0.0.128/27 overlaps 10.0.0.0/24 of the same pool"))
        #expect(
            problems.contains(
                "IPPool a: spec.cidrs[1] 10.0.0.128/27 is smaller than one block of /26 (spec.ipv4BlockSize)"))
        #expect(problems.contains("IPPool a: spec.cidrs[0] 10.0.0.0/24 overlaps 10.0.0.0/16 of IPPool b"))
        pool.cidrs = [try IPPrefix(parsing: "10.0.0.0/24"), try IPPrefix(parsing: "fd00::/120")]
        #expect(pool.blockCount(.v4) == 4 && pool.blockCount(.v6) == 4)
        #expect(pool.block(.v4, at: 3)?.description == "10.0.0.192/26")
        #expect(pool.block(.v6, at: 1)?.description == "fd00::40/122")
        #expect(pool.block(.v4, at: 4) == nil)
    }
}
