import Addressing
import IPAMKubernetes
import LinuxHost
import Logging
import Netlink

/// Finds addresses whose pod has no link any more, and gives them back: a DEL came while the agent was away, or never.
///
/// The link is the witness, not the Pod object: as long as it is there, something answers at the address. What has no
/// link must have had none for a while, because an ADD that is under way has its address first.
struct PodCensus: Sendable {
    /// Seconds without a link.
    static let patience = 30

    /// When a handle was first seen without a link, in nanoseconds of the monotonic clock.
    private var missing: [AddressHandle: UInt64] = [:]

    init() {}

    /// The handles that are to be released.
    ///
    /// - Parameter present: the attachments that have links.
    mutating func stale(_ held: Set<AddressHandle>, present: Set<AddressHandle>, now: UInt64) -> Set<AddressHandle> {
        var still: [AddressHandle: UInt64] = [:]
        var stale: Set<AddressHandle> = []
        for handle in held where !present.contains(handle) && Self.isLegible(handle) {
            let since = missing[handle] ?? now
            if now - since >= UInt64(Self.patience) * 1_000_000_000 {
                stale.insert(handle)
            } else {
                still[handle] = since
            }
        }
        missing = still
        return stale
    }

    /// A name of more than 110 bytes stands shortened in an alias and cannot be told from there.
    private static func isLegible(_ handle: AddressHandle) -> Bool {
        handle.network.utf8.count <= 110 && handle.containerID.utf8.count <= 110
    }

    /// The attachments whose links are in the kernel, by the aliases the plugin gives them.
    static func present() throws(NetlinkError) -> Set<AddressHandle> {
        var socket = try RouteSocket()
        return Set(try socket.links(kind: "veth").compactMap { handle(ofAlias: $0.alias ?? "") })
    }

    /// What the plugin writes on the link of an attachment whose names are not too long for it.
    static func alias(of handle: AddressHandle) -> String { "poplin:\(handle)" }

    /// `poplin:NETWORK/CONTAINER/INTERFACE`.
    static func handle(ofAlias alias: String) -> AddressHandle? {
        let prefix = "poplin:"
        guard alias.hasPrefix(prefix) else { return nil }
        return AddressHandle(String(alias.dropFirst(prefix.count)))
    }
}

extension PodCensus {
    /// Looks every few seconds until the task is cancelled.
    static func run(_ source: any AddressSource, _ metrics: AgentMetrics, _ logger: Logger) async {
        var census = PodCensus()
        while !Task.isCancelled {
            do {
                let held = Set(await source.allocations().map(\.handle))
                let stale = census.stale(held, present: try present(), now: Clock.monotonic())
                for handle in stale.sorted() {
                    let addresses = try await source.release(handle)
                    metrics.count { $0.releasedByCensus += addresses.count }
                    logger.notice(
                        "given back: the link is gone and no request to release had come",
                        metadata: [
                            "attachment": "\(handle)",
                            "addresses": "\(addresses.map(\.description).joined(separator: " "))",
                        ])
                }
            } catch {
                logger.warning("cannot compare addresses with links", metadata: ["reason": "\(error)"])
            }
            try? await Task.sleep(for: .seconds(5))
        }
    }
}
