import Addressing
import AgentProtocol
import CNI
import CNIPlugins
import IPAMKubernetes
import LinuxHost
import Logging
import Netlink
import Synchronization

/// Answers the plugin: addresses, their release, and whether the node is ready.
struct PodEndpoints: Sendable {
    let source: any AddressSource
    let readiness: AgentReadiness
    let metrics: AgentMetrics
    /// Bytes of a pod's interface; 0 until the underlay is known.
    let mtu: Mutable<Int>
    /// The node's own; none until the node is known.
    var nodeAddresses = Mutable<[IPAddress]>([])
    let wishes: any PodWishes
    var links = LinkRemoval()
    var ports = PortRelease()
    let logger: Logger

    /// What becomes of a message, whatever is in it.
    func take(_ message: AgentMessageBuffer.Message) -> PendingReply {
        switch message {
        case .line(let line): take(line)
        case .call(let call): take(call)
        }
    }

    /// A DEL in place of which the plugin has not started: it starts when it gets any answer but that all is done.
    private func take(_ call: AgentCall) -> PendingReply {
        if let request = Cluster.request(handedOver: call) { return take(request) }
        logger.debug("a call is left to the plugin", metadata: ["environment": "\(call.environment)"])
        return refusal("call", AgentFailure(.malformedRequest, "this call is for the plugin to read"))
    }

    private func take(_ line: [UInt8]) -> PendingReply {
        do throws(AgentMessageError) {
            return take(try AgentRequest(line: line))
        } catch {
            let code: AgentFailure.Code =
                if case .version = error { .incompatibleVersion } else { .malformedRequest }
            logger.warning("a request that cannot be read", metadata: ["reason": "\(error)"])
            return refusal("unknown", AgentFailure(code, "\(error)"))
        }
    }

    private func refusal(_ operation: String, _ failure: AgentFailure) -> PendingReply {
        metrics.count { $0.requests[.init(operation: operation, code: failure.code.rawValue), default: 0] += 1 }
        return PendingReply(milliseconds: 1000, late: .failure(failure)) { .failure(failure) }
    }

    private func take(_ request: AgentRequest) -> PendingReply {
        let start = Clock.monotonic()
        // A little before the plugin, so that it hears why.
        let patience = max(1, request.deadlineMilliseconds - 200)
        let late = AgentFailure(
            .tryAgainLater, "Poplin's agent could not answer within \(patience) ms",
            details: "the API server or the disk may be slow: see the agent's log")
        return PendingReply(milliseconds: patience, late: .failure(late)) {
            await reply(to: request)
        } onReply: { reply in
            note(request, reply, seconds: Double(Clock.monotonic() - start) / 1e9)
        }
    }

    private func note(_ request: AgentRequest, _ reply: AgentReply, seconds: Double) {
        var code = 0
        if case .failure(let failure) = reply { code = failure.code.rawValue }
        let operation = request.operation.rawValue
        metrics.count { counts in
            counts.requests[.init(operation: operation, code: code), default: 0] += 1
            counts.requestTimes[operation, default: Histogram()].add(seconds)
        }
        if code == 0 && (request.operation == .status || logger.logLevel > .info) { return }
        var metadata: Logger.Metadata = ["operation": "\(operation)", "seconds": "\(seconds)"]
        if let attachment = request.attachment { metadata["attachment"] = "\(attachment)" }
        if let pod = request.pod { metadata["pod"] = "\(pod)" }
        switch reply {
        case .failure(let failure):
            metadata["code"] = "\(code)"
            // A runtime asks for the status every few seconds; what is in the way is logged when it comes and goes.
            logger.log(
                level: request.operation == .status ? .debug : .warning, "\(failure.message)", metadata: metadata)
        case .endpoint(let endpoint):
            metadata["addresses"] = "\(endpoint.addresses.map(\.description).joined(separator: " "))"
            logger.info("pod connected", metadata: metadata)
        case .done, .taken:
            logger.info("done", metadata: metadata)
        }
    }

    private func reply(to request: AgentRequest) async -> AgentReply {
        do throws(AgentFailure) {
            switch request.operation {
            case .add: return .endpoint(try await add(request))
            case .delete: return try await delete(request)
            case .check:
                try await check(request)
                return .done
            case .collectGarbage:
                try await collectGarbage(request)
                return .done
            case .status:
                try status()
                return .done
            }
        } catch {
            return .failure(error)
        }
    }

    // MARK: Operations

    private func add(_ request: AgentRequest) async throws(AgentFailure) -> AgentEndpoint {
        if let obstacle = readiness.obstacle {
            throw AgentFailure(
                .tryAgainLater, "Poplin's agent is not ready: \(obstacle)",
                details: "see /readyz?verbose of the agent, and its log")
        }
        let handle = try handle(request)
        // A DEL of the same attachment may have been answered, and its addresses not be given back yet.
        await links.end(of: PodCensus.alias(of: handle))
        let identity = request.pod.map { PodIdentity(namespace: $0.namespace, name: $0.name, uid: $0.uid) }
        var wanted = AddressRequest(handle, pod: identity)
        if let pod = request.pod {
            let wish = try await wishes.wish(of: pod)
            wanted.staticAddresses = wish.addresses
            wanted.pools = wish.pools
        }
        if !request.requestedAddresses.isEmpty { wanted.staticAddresses = request.requestedAddresses }
        let addresses = try await explained { [wanted] () async throws(AddressSourceError) in
            try await source.allocate(wanted)
        }
        return AgentEndpoint(
            addresses: addresses.map { InterfaceAddress(host: $0.address) },
            gateways: addresses.map { AgentEndpoint.gateway($0.family) }, hostMAC: AgentEndpoint.hostMAC,
            mtu: mtu.value,
            nodeAddresses: IPFamily.allCases.compactMap { family in
                nodeAddresses.value.first { $0.family == family }
            })
    }

    /// The plugin waits until the pod's host ports are free, and for nothing else: the link goes with the next group, and
    /// then its addresses are given back. Should the agent be killed in between, the link goes with the pod's namespace,
    /// and the census finds the addresses.
    private func delete(_ request: AgentRequest) async throws(AgentFailure) -> AgentReply {
        let handle = try handle(request)
        guard !request.hostInterface.isEmpty else {
            _ = try await explained { () async throws(AddressSourceError) in try await source.release(handle) }
            return .done
        }
        do throws(CNIError) {
            try await ports.release(
                Packetfilter.Owner(
                    network: handle.network, containerID: handle.containerID, interfaceName: handle.interface))
        } catch {
            throw AgentFailure(.tryAgainLater, "cannot free the host ports of \(handle): \(error.message)")
        }
        let target = LinkRemoval.Target(name: request.hostInterface, alias: PodCensus.alias(of: handle))
        await links.take(target) { await giveBack(handle) }
        return .taken
    }

    private func giveBack(_ handle: AddressHandle) async {
        do throws(AddressSourceError) {
            _ = try await source.release(handle)
        } catch {
            logger.warning(
                "addresses are given back later, by the census",
                metadata: ["attachment": "\(handle)", "reason": "\(error.message)"])
        }
    }

    private func check(_ request: AgentRequest) async throws(AgentFailure) {
        let handle = try handle(request)
        if await links.isLeaving(PodCensus.alias(of: handle)) {
            throw AgentFailure(.checkFailed, "\(handle) was deleted: its link and its addresses are going")
        }
        let held = Set(await source.addresses(of: handle).map(\.address))
        let expected = Set(request.addresses.map(\.address))
        if held == expected { return }
        func text(_ addresses: Set<IPAddress>) -> String {
            addresses.isEmpty ? "none" : addresses.sorted().map(\.description).joined(separator: ", ")
        }
        throw AgentFailure(
            .checkFailed, "the agent has other addresses for \(handle)",
            details: "expected: \(text(expected))\nfound: \(text(held))")
    }

    private func collectGarbage(_ request: AgentRequest) async throws(AgentFailure) {
        var valid = Set(
            request.attachments.map {
                AddressHandle(
                    network: request.network, containerID: $0.containerID, interface: $0.interfaceName)
            })
        // Other networks' are nothing to this one's garbage. What is leaving goes by itself, the link before its addresses.
        let leaving = await links.leaving
        for handle in await source.allocations().map(\.handle)
        where handle.network != request.network || leaving.contains(PodCensus.alias(of: handle)) {
            valid.insert(handle)
        }
        let released = try await explained { [valid] () async throws(AddressSourceError) in
            try await source.release(allBut: valid)
        }
        if !released.isEmpty {
            logger.notice(
                "given back, held by no valid attachment",
                metadata: ["addresses": "\(released.map(\.description).joined(separator: " "))"])
        }
    }

    private func status() throws(AgentFailure) {
        if let limitation = readiness.limitation {
            throw AgentFailure(
                .limitedConnectivity, "pods of this node may not reach other nodes: \(limitation)",
                details: "see /readyz?verbose of the agent, and its log")
        }
        if let obstacle = readiness.obstacle {
            throw AgentFailure(.notAvailable, "Poplin's agent is not ready: \(obstacle)")
        }
    }

    private func handle(_ request: AgentRequest) throws(AgentFailure) -> AddressHandle {
        guard let attachment = request.attachment else {
            throw AgentFailure(.malformedRequest, "\(request.operation.rawValue) without containerID and ifname")
        }
        let handle = AddressHandle(
            network: request.network, containerID: attachment.containerID, interface: attachment.interfaceName)
        // What is kept by its text must be read back from it.
        guard AddressHandle(handle.description) == handle else {
            throw AgentFailure(.invalidRequest, "a slash in network, containerID or ifname: \(handle)")
        }
        return handle
    }

    private func explained<Value: Sendable>(
        _ body: () async throws(any Error) -> Value
    ) async throws(AgentFailure) -> Value {
        do {
            return try await body()
        } catch let error as AgentFailure {
            throw error
        } catch let error as AddressSourceError {
            let code: AgentFailure.Code =
                switch error.reason {
                case .exhausted: .addressesExhausted
                case .unavailable: .alreadyTaken
                case .noRange, .unreachable, .storage: .tryAgainLater
                }
            throw AgentFailure(code, error.message, details: error.next ?? "")
        } catch {
            throw AgentFailure(.tryAgainLater, "\(error)")
        }
    }
}

/// A reply that is being made, and what is said when it is not there in time. What is under way then goes on: an address
/// that is allocated too late has no link, and the census gives it back.
struct PendingReply: Sendable {
    /// From the request on.
    var milliseconds: Int
    var late: AgentReply
    var reply: @Sendable () async -> AgentReply
    /// Told which of the two it was.
    var onReply: @Sendable (AgentReply) -> Void

    init(
        milliseconds: Int, late: AgentReply, reply: @escaping @Sendable () async -> AgentReply,
        onReply: @escaping @Sendable (AgentReply) -> Void = { _ in }
    ) {
        self.milliseconds = milliseconds
        self.late = late
        self.reply = reply
        self.onReply = onReply
    }
}

/// A value several tasks read and one writes.
final class Mutable<Value: Sendable>: Sendable {
    private let content: Mutex<Value>

    init(_ value: Value) { content = Mutex(value) }

    var value: Value {
        get { content.withLock { $0 } }
        set { content.withLock { $0 = newValue } }
    }
}
