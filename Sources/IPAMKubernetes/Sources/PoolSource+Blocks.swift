import Addressing
import IPAM
import JSONTree
import KubernetesClient
import KubernetesModel
import LinuxHost

extension PoolSource {
    private var blocks: ResourceCollection { client.collection(of: IPAMBlock.self) }

    // MARK: Claiming

    /// Gets one more block of a family, or waits for the one somebody is getting already.
    func claim(_ family: IPFamily, _ candidates: [IPPool]) async throws(AddressSourceError) {
        if let under = claims[family] {
            // Whoever waits looks again; what went wrong is told to those who claimed.
            _ = await under.result
            return
        }
        // The task itself says that it is over: whoever waits for it may run before whoever made it.
        let task = Task {
            defer { self.claims[family] = nil }
            try await self.claimOne(family, candidates)
        }
        claims[family] = task
        let result = await task.result
        do {
            try result.get()
        } catch let error as AddressSourceError {
            throw error
        } catch {
            throw AddressSourceError(.unreachable, "\(error)")
        }
    }

    private func claimOne(_ family: IPFamily, _ candidates: [IPPool]) async throws(AddressSourceError) {
        let mine = book.ledger.ranges.filter { $0.family == family && $0.length < family.bitWidth }
        if mine.count >= settings.mostBlocks {
            throw AddressSourceError(
                .exhausted,
                "node \(settings.node) has \(mine.count) \(family) blocks, which is the most it may have, "
                    + "and no free address in them",
                next: "raise ipam.maxBlocksPerNode in poplin.json, or blockSize in a new IPPool")
        }
        let taken = try await reachingAPI { () async throws(KubernetesFailure) in
            try await client.list(IPAMBlock.self).objects
        }
        let ranges = Set(taken.map(\.cidr))
        for pool in candidates {
            let count = pool.blockCount(family)
            if count == 0 { continue }
            // Nodes begin at different places, so that they seldom want the same block.
            let start = Self.hash(settings.node) % count
            // In a pool of more blocks than objects can exist a free one is found soon.
            for step in 0..<min(count, UInt64(ranges.count) + 4096) {
                guard let range = pool.block(family, at: (start + step) % count), !ranges.contains(range),
                    !pool.reservations.contains(where: { $0.contains(range.range) })
                else { continue }
                if try await create(range, of: pool) == nil { return }
            }
        }
        throw exhausted(family, candidates)
    }

    /// Claims a block; answers the node that has it, nil when it is ours now.
    func create(_ range: IPPrefix, of pool: IPPool) async throws(AddressSourceError) -> String? {
        if leaving.contains(range) {
            throw AddressSourceError(.unavailable, "the block \(range) is just being given back", next: "try again")
        }
        let object = IPAMBlock.claim(
            range, pool: pool.metadata.name, node: settings.node,
            owner: settings.nodeUID.isEmpty ? nil : settings.nodeUID)
        let owner = try await reachingAPI { () async throws(KubernetesFailure) -> String? in
            do throws(KubernetesFailure) {
                _ = try await blocks.create(object)
                return nil
            } catch {
                guard error.status?.isAlreadyExists == true else { throw error }
                // Ours already, when our first request was answered to nobody.
                guard let found = try await blocks.find(IPAMBlock.name(of: range)) else { return "?" }
                let block = try ClusterClient.decode(IPAMBlock.self, found)
                return block.node == settings.node && block.cidr == range ? nil : block.node
            }
        }
        if owner != nil { return owner }
        try book.change({ ledger, _ in
            ledger.add(range, pool: pool.metadata.name, reserved: Self.reserved(range, pool))
        }) { ledger in ledger.remove(range) }
        try ensureTunnelAddresses()
        await onRangesChanged(book.ledger.ranges)
        return nil
    }

    /// A single reserved address is a block of its own, in which nothing is reserved.
    static func reserved(_ range: IPPrefix, _ pool: IPPool) -> [IPRange] {
        range.length == range.family.bitWidth ? [] : pool.reservations
    }

    private static func hash(_ text: String) -> UInt64 {
        text.utf8.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
    }

    // MARK: Giving back

    /// Gives a block back that nobody uses: first it is ours no more here, then in the announcement, then in the API.
    func giveBack(_ range: IPPrefix) async throws(KubernetesFailure) {
        guard leaving.insert(range).inserted else { return }
        defer { leaving.remove(range) }
        let name = IPAMBlock.name(of: range)
        guard let node = try await blocks.find(name) else {
            _ = book.release { ledger, _ in ledger.remove(range) }
            return
        }
        let block = try ClusterClient.decode(IPAMBlock.self, node)
        guard book.release({ ledger, _ in ledger.remove(range) }) else { return }
        published[range] = nil
        await onRangesChanged(book.ledger.ranges)
        guard block.node == settings.node else { return }
        do throws(KubernetesFailure) {
            try await blocks.delete(
                name, DeleteOptions(uid: block.metadata.uid, resourceVersion: block.metadata.resourceVersion))
        } catch {
            // Somebody wrote to it: it is ours again, and the next look decides.
            if error.status?.isNotFound == true { return }
            if let pool = pools.first(where: { $0.metadata.name == block.pool }) {
                book.release { ledger, _ in
                    ledger.add(range, pool: block.pool, reserved: Self.reserved(range, pool))
                }
                await onRangesChanged(book.ledger.ranges)
            }
            if error.status?.isConflict != true { throw error }
        }
    }

    // MARK: Looking

    /// What a look at the API found that a person should know.
    public struct Maintenance: Sendable {
        public init() {}

        /// Blocks this node uses and another node has: their addresses may be given out twice.
        public var contested: [(range: IPPrefix, node: String)] = []
        public var givenBack: [IPPrefix] = []
        /// What is wrong with pools.
        public var complaints: [PoolReading.Complaint] = []
    }

    /// Reads the pools and the node's blocks, settles what differs from the record, publishes what is used and gives
    /// back what is not. To be called at the start, when a pool changes, and every few seconds.
    @discardableResult
    public func refresh() async throws(KubernetesFailure) -> Maintenance {
        // One look at a time: a second one could take up what the first is giving back.
        while let under = looking { _ = await under.value }
        let task = Task {
            defer { self.looking = nil }
            return await self.lookResult()
        }
        looking = task
        return try await task.value.get()
    }

    private func lookResult() async -> Result<Maintenance, KubernetesFailure> {
        do throws(KubernetesFailure) { return .success(try await look()) } catch { return .failure(error) }
    }

    private func look() async throws(KubernetesFailure) -> Maintenance {
        var report = Maintenance()
        let before = book.ledger.ranges
        let reading = try await client.pools()
        pools = reading.pools
        let misplaced = judge(pools)
        report.complaints = reading.complaints(misplaced: misplaced)
        refused = reading.unreadable.merging(IPPool.overlappingOlder(pools)) { first, _ in first }
            .merging(misplaced) { first, _ in first }
        // The node's labels choose pools, and its blocks go with it.
        if let object = try await client.collection(of: Node.self).find(settings.node) {
            let node = try ClusterClient.decode(Node.self, object)
            settings.nodeLabels = node.metadata.labels
            settings.nodeUID = node.metadata.uid
        }
        let query = ListOptions(labelSelector: "\(IPAMBlock.nodeLabel)=\(IPAMBlock.labelValue(settings.node))")
        let mine = try await client.list(IPAMBlock.self, query).objects.filter { $0.node == settings.node }
        adopt(mine)
        let known = Set(mine.map(\.cidr))
        for range in book.ledger.ranges where !known.contains(range) && before.contains(range) {
            try await settleMissing(range, &report)
        }
        try? ensureTunnelAddresses()
        if book.ledger.ranges != before { await onRangesChanged(book.ledger.ranges) }
        try await publish(mine)
        try await giveBackUnused(&report)
        return report
    }

    /// Blocks that are ours in the API are ours here, with the reservations their pools have now.
    private func adopt(_ mine: [IPAMBlock]) {
        let pools = pools
        let leaving = leaving
        book.release { ledger, now in
            for block in mine where !leaving.contains(block.cidr) {
                guard let pool = pools.first(where: { $0.metadata.name == block.pool }) else {
                    ledger.add(block.cidr, pool: block.pool)
                    continue
                }
                ledger.add(block.cidr, pool: block.pool, reserved: Self.reserved(block.cidr, pool))
            }
            ledger.settle(now: now)
        }
    }

    /// A block we use and the API does not have as ours: it was removed by somebody, or with an earlier Node object.
    private func settleMissing(_ range: IPPrefix, _ report: inout Maintenance) async throws(KubernetesFailure) {
        if book.release({ ledger, _ in ledger.remove(range) }) { return }
        let name = book.ledger.pools[range] ?? ""
        let object = IPAMBlock.claim(
            range, pool: name, node: settings.node, owner: settings.nodeUID.isEmpty ? nil : settings.nodeUID)
        do throws(KubernetesFailure) {
            _ = try await blocks.create(object)
        } catch {
            guard error.status?.isAlreadyExists == true else { throw error }
            guard let found = try await blocks.find(IPAMBlock.name(of: range)) else { return }
            let block = try ClusterClient.decode(IPAMBlock.self, found)
            if block.node != settings.node { report.contested.append((range, block.node)) }
        }
    }

    private func publish(_ mine: [IPAMBlock]) async throws(KubernetesFailure) {
        let time = Timestamp(seconds: Int64(Clock.now() / 1_000_000_000))
        for block in mine {
            guard let allocator = book.ledger.blocks[block.cidr] else { continue }
            let text = IPAMBlock.status(of: allocator, at: Timestamp(seconds: 0)).text
            if published[block.cidr] == text { continue }
            let patch: JSONValue = [
                "metadata": ["resourceVersion": .string(block.metadata.resourceVersion)],
                "status": IPAMBlock.status(of: allocator, at: time),
            ]
            do throws(KubernetesFailure) {
                _ = try await blocks.patch(block.metadata.name, .merge(patch), subresource: "status")
                published[block.cidr] = text
            } catch {
                // Written or removed meanwhile: the next look publishes.
                if error.status?.isConflict != true && error.status?.isNotFound != true { throw error }
            }
        }
    }

    /// Blocks that were unused at the last look and still are; a node keeps one of each family.
    private func giveBackUnused(_ report: inout Maintenance) async throws(KubernetesFailure) {
        let labels = settings.nodeLabels
        let ledger = book.ledger
        let tunnel = ledger.addresses(of: tunnelHandle.description)
        var now: Set<IPPrefix> = []
        for range in ledger.ranges {
            guard let block = ledger.blocks[range], block.isUnused else { continue }
            let pool = pools.first { $0.metadata.name == ledger.pools[range] }
            let isSelected = pool.map { !$0.isDisabled && $0.nodeSelector.matches(labels) } ?? false
            let family = ledger.ranges.filter { $0.family == range.family && $0.length < range.family.bitWidth }
            let isLast = family == [range] && isSelected
            if !isLast && !tunnel.contains(where: { range.contains($0) }) { now.insert(range) }
        }
        for range in now.intersection(unused).sorted() {
            try await giveBack(range)
            report.givenBack.append(range)
        }
        unused = now.subtracting(report.givenBack)
    }
}
