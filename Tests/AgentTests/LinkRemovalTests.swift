import CNI
import CNIPlugins
import Netlink
import Synchronization
import SystemCalls
import Testing

@testable import Agent

/// A kernel that takes its time: what it is asked to remove, and a gate that stays closed until the test opens it.
private final class SlowKernel: Sendable {
    let calls = Mutex<[[String]]>([])
    private let gate = AsyncStream.makeStream(of: Void.self)

    func open() { gate.continuation.finish() }

    func remove(_ names: [String]) async {
        let isFirst = calls.withLock { calls in
            calls.append(names)
            return calls.count == 1
        }
        if isFirst { for await _ in gate.stream {} }
    }
}

@Suite struct LinkRemovalTests {
    private func target(_ number: Int) -> LinkRemoval.Target {
        LinkRemoval.Target(name: "pop\(number)", alias: "poplin:poplin/c\(number)/eth0")
    }

    @Test func nobodyWaitsAndWhatComesMeanwhileGoesTogether() async {
        let kernel = SlowKernel()
        let gone = Mutex<[Int]>([])
        let removal = LinkRemoval(remover: { targets in await kernel.remove(targets.map(\.name)) })
        for number in 0...LinkRemoval.most + 1 {
            await removal.take(target(number)) { gone.withLock { $0.append(number) } }
            while number == 0, kernel.calls.withLock({ $0.isEmpty }) { await Task.yield() }
        }
        // The kernel has not done anything yet.
        #expect(gone.withLock { $0 } == [])
        #expect(await removal.waitingCount == LinkRemoval.most + 1)
        kernel.open()
        await removal.settle()
        #expect(gone.withLock { $0 } == Array(0...LinkRemoval.most + 1))
        #expect(kernel.calls.withLock { $0.map(\.count) } == [1, LinkRemoval.most, 1])
    }

    @Test func whatTheKernelRefusesIsTriedAgain() async {
        let attempts = Mutex(0)
        let told = Mutex<[Errno]>([])
        let gone = Mutex(0)
        let removal = LinkRemoval(
            pause: .milliseconds(1), onFailure: { error in told.withLock { $0.append(error.errno) } },
            remover: { (_) throws(NetlinkError) in
                let attempt = attempts.withLock { count in
                    count += 1
                    return count
                }
                if attempt < 3 { throw NetlinkError(request: "RTM_DELLINK", errno: .EPERM) }
            })
        await removal.take(target(1)) { gone.withLock { $0 += 1 } }
        await removal.settle()
        #expect(told.withLock { $0 } == [.EPERM, .EPERM])
        #expect(gone.withLock { $0 } == 1)
        // Nothing on its way: nothing to wait for.
        await removal.settle()
    }

    /// The kernel refuses one link three times, and whatever group it is in.
    @Test func oneThatCannotGoKeepsNoneOfTheOthers() async {
        let kernel = SlowKernel()
        let order = Mutex<[Int]>([])
        let refusals = Mutex(3)
        let stubborn = target(2)
        let removal = LinkRemoval(
            pause: .milliseconds(1),
            remover: { (targets) async throws(NetlinkError) in
                await kernel.remove(targets.map(\.name))
                guard targets.contains(stubborn) else { return }
                let isRefused = refusals.withLock { left in
                    left -= 1
                    return left >= 0
                }
                if isRefused { throw NetlinkError(request: "RTM_DELLINK", errno: .EBUSY) }
            })
        for number in 1...4 {
            await removal.take(target(number)) { order.withLock { $0.append(number) } }
            while number == 1, kernel.calls.withLock({ $0.isEmpty }) { await Task.yield() }
        }
        kernel.open()
        await removal.settle()
        #expect(order.withLock { $0 } == [1, 3, 4, 2])
        let calls = kernel.calls.withLock { $0 }
        #expect(calls == [["pop1"], ["pop2", "pop3", "pop4"], ["pop2"], ["pop3"], ["pop4"], ["pop2"], ["pop2"]])
    }

    /// A second removal of the same link would take the new one.
    @Test func whoComesBackWaitsUntilEveryRemovalOfItIsDone() async {
        let kernel = SlowKernel()
        let order = Mutex<[String]>([])
        let removal = LinkRemoval(remover: { targets in await kernel.remove(targets.map(\.name)) })
        for name in ["first", "second"] {
            await removal.take(target(1)) { order.withLock { $0.append(name) } }
            while name == "first", kernel.calls.withLock({ $0.isEmpty }) { await Task.yield() }
        }
        await removal.take(target(2)) {}
        #expect(await removal.leaving == [target(1).alias, target(2).alias])
        let back = Task {
            await removal.end(of: target(1).alias)
            order.withLock { $0.append("back") }
        }
        await removal.end(of: target(3).alias)
        kernel.open()
        await back.value
        #expect(order.withLock { $0 } == ["first", "second", "back"])
        await removal.settle()
        #expect(await removal.leaving == [])
    }

    @Test func aLimiterHasTheNameOfItsLink() {
        let mark = OwnershipMark(
            network: "poplin", attachment: CNIAttachment(containerID: "c1", interfaceName: "eth0"))
        #expect(LinkRemoval.limiterName(mark.linkName("pop")) == mark.linkName("bwp"))
    }
}

@Suite struct PortReleaseTests {
    private func owner(_ number: Int) -> Packetfilter.Owner {
        Packetfilter.Owner(network: "poplin", containerID: "c\(number)", interfaceName: "eth0")
    }

    @Test func whatComesWhileAChangeIsUnderWayGoesTogether() async throws {
        let kernel = SlowKernel()
        let release = PortRelease(remover: { owners in await kernel.remove(owners.map(\.comment)) })
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await release.release(owner(0)) }
            while kernel.calls.withLock({ $0.isEmpty }) { await Task.yield() }
            for number in 1...5 { group.addTask { try await release.release(owner(number)) } }
            while await release.waitingCount < 5 { await Task.yield() }
            kernel.open()
            try await group.waitForAll()
        }
        let calls = kernel.calls.withLock { $0 }
        #expect(calls.first == ["poplin/c0/eth0"])
        #expect(calls.last?.sorted() == (1...5).map { "poplin/c\($0)/eth0" })
        #expect(calls.count == 2)
    }

    @Test func aFailureReachesEveryoneWhoWaited() async throws {
        let release = PortRelease(remover: { (_) throws(CNIError) in throw CNIError(.kernelRefused, "no") })
        for number in 0..<2 {
            var failure: CNIError?
            do throws(CNIError) { try await release.release(owner(number)) } catch { failure = error }
            #expect(failure?.message == "no")
        }
    }
}
