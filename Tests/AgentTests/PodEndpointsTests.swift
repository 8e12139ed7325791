import Addressing
import AgentProtocol
import Foundation
import IPAMKubernetes
import Logging
import Synchronization
import SystemCalls
import Testing

@testable import Agent

/// Addresses counted up from .1; validates what it is asked.
actor CountingSource: AddressSource {
    var held: [AddressHandle: [InterfaceAddress]] = [:]
    var asked: [AddressRequest] = []
    private var next: UInt32 = 1
    private let failure: AddressSourceError?
    private let never: Bool

    init(failure: AddressSourceError? = nil, never: Bool = false) {
        self.failure = failure
        self.never = never
    }

    func allocate(_ request: AddressRequest) async throws(AddressSourceError) -> [InterfaceAddress] {
        asked.append(request)
        if never { try? await Task.sleep(for: .seconds(3600)) }
        if let failure { throw failure }
        if let there = held[request.handle] { return there }
        let addresses = ["10.244.1.\(next)/24", "fd00:244:1::\(next)/64"].compactMap { InterfaceAddress($0) }
        next += 1
        held[request.handle] = addresses
        return addresses
    }

    func release(_ handle: AddressHandle) async throws(AddressSourceError) -> [IPAddress] {
        held.removeValue(forKey: handle)?.map(\.address) ?? []
    }

    func addresses(of handle: AddressHandle) async -> [InterfaceAddress] { held[handle] ?? [] }

    func release(allBut valid: Set<AddressHandle>) async throws(AddressSourceError) -> [IPAddress] {
        let gone = held.filter { !valid.contains($0.key) }
        for handle in gone.keys { held[handle] = nil }
        return gone.values.flatMap { $0.map(\.address) }
    }

    func allocations() async -> [AddressAllocation] {
        held.flatMap { handle, addresses in
            addresses.map {
                AddressAllocation(address: $0.address, handle: handle, pod: nil, range: $0.prefix, pool: "")
            }
        }
    }

    func ranges() async -> [IPPrefix] { [] }
    func tunnelAddresses() async -> [IPAddress] { [] }
    func usage() async -> [AddressUsage] { [] }
}

/// Annotations by pod.
struct WrittenWishes: PodWishes {
    var annotations: [String: [String: String]] = [:]

    func wish(of pod: AgentPod) async throws(AgentFailure) -> PodWish {
        try PodWish(annotations["\(pod)"] ?? [:])
    }
}

@Suite struct PodEndpointsTests {
    private let readiness = AgentReadiness()

    private func endpoints(
        _ source: any AddressSource = CountingSource(), wishes: WrittenWishes = WrittenWishes(), isReady: Bool = true
    ) -> PodEndpoints {
        if isReady {
            readiness.set(.fabric, .ready)
            readiness.set(.addresses, .ready)
        }
        return PodEndpoints(
            source: source, readiness: readiness, metrics: AgentMetrics(), mtu: Mutable(1450), wishes: wishes,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    private static func request(_ operation: AgentRequest.Operation, _ container: String = "c1") -> AgentRequest {
        AgentRequest(
            operation, network: "poplin",
            attachment: AgentAttachment(containerID: container, interfaceName: "eth0"), deadlineMilliseconds: 60_000)
    }

    private func ask(_ endpoints: PodEndpoints, _ request: AgentRequest) async throws -> AgentReply {
        try AgentReply(line: await endpoints.take(.line(request.line)).reply().line)
    }

    private func failure(_ reply: AgentReply) throws -> AgentFailure {
        guard case .failure(let failure) = reply else { throw MetricsText.Failure(description: "\(reply)") }
        return failure
    }

    @Test func anAddGivesHostAddressesAndGateways() async throws {
        let endpoints = endpoints()
        let reply = try await ask(endpoints, Self.request(.add))
        let expected = AgentEndpoint(
            addresses: ["10.244.1.1/32", "fd00:244:1::1/128"].compactMap { InterfaceAddress($0) },
            gateways: ["169.254.1.1", "fe80::1"].compactMap { IPAddress($0) }, hostMAC: AgentEndpoint.hostMAC,
            mtu: 1450)
        #expect(reply == .endpoint(expected))
        // Again: the same ones.
        let again = try await ask(endpoints, Self.request(.add))
        #expect(again == reply)
    }

    @Test func checkComparesAndDeleteForgets() async throws {
        let endpoints = endpoints()
        _ = try await ask(endpoints, Self.request(.add))
        var check = Self.request(.check)
        check.addresses = ["10.244.1.1/32", "fd00:244:1::1/128"].compactMap { InterfaceAddress($0) }
        #expect(try await ask(endpoints, check) == .done)
        check.addresses.removeLast()
        let different = try failure(try await ask(endpoints, check))
        #expect(different.code == .checkFailed)
        #expect(different.details == "expected: 10.244.1.1\nfound: 10.244.1.1, fd00:244:1::1")
        for _ in 0..<2 { #expect(try await ask(endpoints, Self.request(.delete)) == .done) }
        check.addresses = []
        #expect(try await ask(endpoints, check) == .done)
    }

    /// Between the answer to a DEL and the end of the link, which a test's gate makes as long as it likes.
    @Test func whatWasDeletedIsNobodysUntilItsLinkIsGone() async throws {
        let source = CountingSource()
        let gate = AsyncStream.makeStream(of: Void.self)
        let isUnderWay = Mutex(false)
        var endpoints = endpoints(source)
        endpoints.ports = PortRelease(remover: { _ in })
        endpoints.links = LinkRemoval(remover: { _ in
            isUnderWay.withLock { $0 = true }
            for await _ in gate.stream {}
        })
        _ = try await ask(endpoints, Self.request(.add))
        var delete = Self.request(.delete)
        delete.hostInterface = "pop0"
        #expect(try await ask(endpoints, delete) == .taken)
        while !isUnderWay.withLock({ $0 }) { await Task.yield() }
        var check = Self.request(.check)
        check.addresses = ["10.244.1.1/32", "fd00:244:1::1/128"].compactMap { InterfaceAddress($0) }
        let gone = try failure(try await ask(endpoints, check))
        #expect(gone.code == .checkFailed)
        #expect(gone.message == "poplin/c1/eth0 was deleted: its link and its addresses are going")
        // Collected as garbage, the address would be the next pod's while this link still answers for it.
        let garbage = AgentRequest(.collectGarbage, network: "poplin", deadlineMilliseconds: 60_000)
        #expect(try await ask(endpoints, garbage) == .done)
        #expect(await source.held.count == 1)
        let again = Task { [endpoints] in try await ask(endpoints, Self.request(.add)) }
        let other = try await ask(endpoints, Self.request(.add, "c2"))
        #expect(await source.asked.map(\.handle.containerID) == ["c1", "c2"])
        gate.continuation.finish()
        guard case .endpoint(let endpoint) = try await again.value, case .endpoint(let second) = other else {
            Issue.record("no addresses: \(try await again.value), \(other)")
            return
        }
        // New ones: the old are given back, and what comes after a DEL does not give these back.
        #expect(endpoint.addresses.first == InterfaceAddress("10.244.1.3/32"))
        #expect(second.addresses.first == InterfaceAddress("10.244.1.2/32"))
        #expect(await source.held.count == 2)
    }

    /// What the plugin hands over unread is what it would have asked for, and is forgotten like that; what the agent cannot
    /// do in its place it leaves to it.
    @Test func aCallThatIsHandedOverIsADelete() async throws {
        let source = CountingSource()
        var endpoints = endpoints(source)
        endpoints.ports = PortRelease(remover: { _ in })
        let removed = Mutex<[LinkRemoval.Target]>([])
        endpoints.links = LinkRemoval(remover: { targets in removed.withLock { $0 += targets } })
        _ = try await ask(endpoints, Self.request(.add))
        var call = AgentCall(
            socketPath: AgentClient.defaultPath,
            environment: [
                "CNI_COMMAND": "DEL", "CNI_CONTAINERID": "c1", "CNI_IFNAME": "eth0", "CNI_PATH": "/opt/cni/bin",
            ], configuration: Array(#"{"cniVersion":"1.1.0","name":"poplin","type":"poplin"}"#.utf8))
        let taken = await endpoints.take(.call(call)).reply()
        #expect(taken == .taken)
        await endpoints.links.settle()
        let targets = removed.withLock { $0 }
        #expect(targets.map(\.alias) == ["poplin:poplin/c1/eth0"])
        #expect(targets.map { $0.name.hasPrefix("pop") && $0.name.count == 15 } == [true])
        #expect(await source.held.isEmpty)
        call.environment["CNI_COMMAND"] = "ADD"
        let left = try failure(await endpoints.take(.call(call)).reply())
        #expect(left.code == .malformedRequest)
        let counts = endpoints.metrics.snapshot.requests
        #expect(counts[.init(operation: "call", code: 6)] == 1)
    }

    /// Another network's pods are nothing to this one's garbage.
    @Test func garbageIsOfItsOwnNetwork() async throws {
        let source = CountingSource()
        let endpoints = endpoints(source)
        for container in ["c1", "c2"] { _ = try await ask(endpoints, Self.request(.add, container)) }
        var other = Self.request(.add, "c3")
        other.network = "other"
        _ = try await ask(endpoints, other)
        var garbage = AgentRequest(.collectGarbage, network: "poplin", deadlineMilliseconds: 60_000)
        garbage.attachments = [AgentAttachment(containerID: "c1", interfaceName: "eth0")]
        #expect(try await ask(endpoints, garbage) == .done)
        #expect(await Set(source.held.keys.map(\.description)) == ["poplin/c1/eth0", "other/c3/eth0"])
    }

    @Test func beforeItIsReadyItSaysWhy() async throws {
        let endpoints = endpoints(isReady: false)
        let add = try failure(try await ask(endpoints, Self.request(.add)))
        #expect(add.code == .tryAgainLater && add.message.contains("fabric: not looked at yet"))
        let status = try failure(
            try await ask(endpoints, AgentRequest(.status, network: "poplin", deadlineMilliseconds: 60_000)))
        #expect(status.code == .notAvailable)
        // What goes may always go.
        #expect(try await ask(endpoints, Self.request(.delete)) == .done)
    }

    @Test(arguments: [
        (AddressSourceError.Reason.exhausted, 101), (.unavailable, 102), (.noRange, 11), (.unreachable, 11),
        (.storage, 11),
    ])
    func failuresOfTheSourceHaveTheirCodes(_ reason: AddressSourceError.Reason, _ code: Int) async throws {
        let source = CountingSource(failure: AddressSourceError(reason, "it is so", next: "do this"))
        let failure = try failure(try await ask(endpoints(source), Self.request(.add)))
        #expect(failure == AgentFailure(.init(rawValue: code), "it is so", details: "do this"))
    }

    @Test func whatWorkedAndDoesNotAnyMoreIsLimitedConnectivity() async throws {
        let endpoints = endpoints(isReady: false)
        let status = AgentRequest(.status, network: "poplin", deadlineMilliseconds: 60_000)
        readiness.set(.fabric, .waiting("no interface has an address of Node a"))
        readiness.set(.addresses, .ready)
        #expect(try failure(try await ask(endpoints, status)).code == .notAvailable)
        readiness.set(.fabric, .ready)
        #expect(try await ask(endpoints, status) == .done)
        // Something is wrong and is being repaired: pods can come all the same.
        readiness.set(.fabric, .impaired("a route cannot be written"))
        #expect(try await ask(endpoints, status) == .done)
        readiness.set(.fabric, .waiting("no interface has an address of Node a"))
        let failure = try failure(try await ask(endpoints, status))
        #expect(failure.code == .limitedConnectivity)
        #expect(
            failure.message == "pods of this node may not reach other nodes: no interface has an address of Node a")
        let add = try self.failure(try await ask(endpoints, Self.request(.add)))
        #expect(add.code == .tryAgainLater)
    }

    @Test func annotationsAreWishes() async throws {
        let source = CountingSource()
        let wishes = WrittenWishes(annotations: [
            "shop/web": ["poplin.dev/ip-addresses": "10.244.1.77, fd00::77", "poplin.dev/ip-pools": "blue,green"],
            "shop/odd": ["poplin.dev/ip-addresses": "10.244.1.77,10.244.1.78"],
        ])
        let endpoints = endpoints(source, wishes: wishes)
        var request = Self.request(.add)
        request.pod = AgentPod(namespace: "shop", name: "web", uid: "u1")
        _ = try await ask(endpoints, request)
        let asked = try #require(await source.asked.first)
        #expect(asked.staticAddresses.map(\.description) == ["10.244.1.77", "fd00::77"])
        #expect(asked.pools == ["blue", "green"])
        #expect(asked.pod == PodIdentity(namespace: "shop", name: "web", uid: "u1"))
        request.pod = AgentPod(namespace: "shop", name: "odd")
        let failure = try failure(try await ask(endpoints, request))
        #expect(failure.code == .invalidRequest && failure.message.contains("has two IPv4 addresses"))
    }

    @Test func whatCannotBeReadIsAnswered() async throws {
        let endpoints = endpoints()
        let noise = try failure(await endpoints.take(.line(Array("noise\n".utf8))).reply())
        #expect(noise.code == .malformedRequest)
        let newer = try failure(await endpoints.take(.line(Array("{\"v\":2}\n".utf8))).reply())
        #expect(newer.code == .incompatibleVersion)
        var slash = Self.request(.add, "a/b")
        slash.pod = nil
        #expect(try failure(try await ask(endpoints, slash)).code == .invalidRequest)
    }

    /// The plugin's client against the agent's server, over a real socket that replaces an old one.
    @Test func overTheSocket() async throws {
        let directory = "/tmp/poplin-agent-\(UUID().uuidString.prefix(8))"
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let path = "\(directory)/agent.sock"
        let endpoints = endpoints()
        for _ in 0..<2 {
            let server = try await AgentSocketServer.start(at: path) { endpoints.take($0) }
            #expect(try FileSystem.status(path).mode & 0o777 == 0o600)
            let reply = try await Self.ask(path, Self.request(.add))
            guard case .endpoint(let endpoint) = reply else {
                Issue.record("\(reply)")
                return
            }
            #expect(endpoint.addresses.count == 2)
            await server.stop()
            #expect(!FileManager.default.fileExists(atPath: path))
        }
    }

    @Test func aSlowSourceIsAnsweredForByTheDeadline() async throws {
        let directory = "/tmp/poplin-agent-\(UUID().uuidString.prefix(8))"
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let endpoints = endpoints(CountingSource(never: true))
        let server = try await AgentSocketServer.start(at: "\(directory)/agent.sock") { message in
            var pending = endpoints.take(message)
            #expect(pending.milliseconds == 59_800)
            pending.milliseconds = 50
            return pending
        }
        let failure = try failure(try await Self.ask("\(directory)/agent.sock", Self.request(.add)))
        #expect(failure.code == .tryAgainLater && failure.message.contains("within 59800 ms"))
        await server.stop()
    }

    /// As the plugin asks.
    private static func ask(_ path: String, _ request: AgentRequest) async throws -> AgentReply {
        // The client blocks: not on a thread that tasks share.
        let reply: Result<AgentReply, AgentClient.Failure> = await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                do throws(AgentClient.Failure) {
                    continuation.resume(returning: .success(try AgentClient(path: path).ask(request)))
                } catch {
                    continuation.resume(returning: .failure(error))
                }
            }
        }
        return try reply.get()
    }
}

@Suite struct PodCensusTests {
    private func handle(_ container: String) -> AddressHandle {
        AddressHandle(network: "poplin", containerID: container, interface: "eth0")
    }

    private static let second: UInt64 = 1_000_000_000

    @Test func whatHasNoLinkForLongIsStale() {
        var census = PodCensus()
        let held = Set(["a", "b", "c"].map(handle))
        #expect(census.stale(held, present: [handle("a")], now: 0).isEmpty)
        // b's ADD was under way: its link is there now, and its time begins anew when it goes.
        #expect(census.stale(held, present: [handle("a"), handle("b")], now: 20 * Self.second).isEmpty)
        #expect(census.stale(held, present: [handle("a")], now: 30 * Self.second) == [handle("c")])
        #expect(census.stale(held, present: [handle("a")], now: 59 * Self.second) == [])
        let later = census.stale(held, present: [handle("a")], now: 60 * Self.second)
        #expect(later.contains(handle("b")))
    }

    /// A shortened alias says of nobody that he is there, so nobody is called gone for it.
    @Test func aNameTooLongForAnAliasIsLeftAlone() {
        var census = PodCensus()
        let long = handle(String(repeating: "x", count: 120))
        _ = census.stale([long], present: [], now: 0)
        #expect(census.stale([long], present: [], now: 100 * Self.second).isEmpty)
    }

    @Test func aliasesAreThoseOfThePlugin() {
        #expect(PodCensus.handle(ofAlias: "poplin:poplin/c1/eth0") == handle("c1"))
        #expect(PodCensus.handle(ofAlias: "poplin:fabric") == nil)
        #expect(PodCensus.handle(ofAlias: "other:poplin/c1/eth0") == nil)
    }
}
