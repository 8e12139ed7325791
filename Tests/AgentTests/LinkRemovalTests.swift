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

    func remove(_ targets: [LinkRemoval.Target]) async -> Set<LinkRemoval.Target> {
        let isFirst = calls.withLock { calls in
            calls.append(targets.map(\.name))
            return calls.count == 1
        }
        if isFirst { for await _ in gate.stream {} }
        return targets.count > 1 ? Set(targets.filter { $0.name == "pop3" }) : []
    }
}

@Suite struct LinkRemovalTests {
    private func target(_ number: Int) -> LinkRemoval.Target {
        LinkRemoval.Target(name: "pop\(number)", alias: "poplin:poplin/c\(number)/eth0")
    }

    @Test func whatComesWhileARemovalIsUnderWayGoesTogether() async throws {
        let kernel = SlowKernel()
        let removal = LinkRemoval(most: 1) { targets in await kernel.remove(targets) }
        let stay = try await withThrowingTaskGroup(of: Int?.self) { group in
            group.addTask { try await removal.remove(target(0)) ? nil : 0 }
            while kernel.calls.withLock({ $0.isEmpty }) { await Task.yield() }
            for number in 1...5 { group.addTask { try await removal.remove(target(number)) ? nil : number } }
            while await removal.waitingCount < 5 { await Task.yield() }
            kernel.open()
            return try await group.reduce(into: []) { $0 += [$1].compactMap { $0 } }
        }
        #expect(stay == [3])
        let calls = kernel.calls.withLock { $0 }
        #expect(calls.count == 2)
        #expect(calls.first == ["pop0"])
        #expect(calls.last?.sorted() == ["pop1", "pop2", "pop3", "pop4", "pop5"])
    }

    @Test func someGroupsWaitAtTheSameTime() async throws {
        let kernel = SlowKernel()
        let removal = LinkRemoval(most: 2) { targets in await kernel.remove(targets) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { _ = try await removal.remove(target(0)) }
            while kernel.calls.withLock({ $0.isEmpty }) { await Task.yield() }
            // The first one is still under way, and nobody opens the gate for it yet.
            _ = try await removal.remove(target(1))
            kernel.open()
            try await group.waitForAll()
        }
        #expect(kernel.calls.withLock { $0 } == [["pop0"], ["pop1"]])
    }

    @Test func aFailureReachesEveryoneWhoWaited() async throws {
        let removal = LinkRemoval { (_) throws(NetlinkError) -> Set<LinkRemoval.Target> in
            throw NetlinkError(request: "RTM_DELLINK", errno: .EPERM)
        }
        for number in 0..<2 {
            var failure: NetlinkError?
            do throws(NetlinkError) { _ = try await removal.remove(target(number)) } catch { failure = error }
            #expect(failure?.errno == .EPERM)
        }
    }
}
