import Addressing
import LinuxHost
import Synchronization

/// What a driver takes out of the kernel itself, so that a watch does not take it for somebody else's doing and has
/// everything looked at. The kernel says of routes and neighbours who removed them, of forwarding entries it does not.
public final class OwnRemovals: Sendable {
    enum Object: Hashable {
        case route(IPPrefix)
        case neighbour(IPAddress)
        case forwarding(MACAddress)

        init?(_ step: FabricDelta.Step) {
            switch step {
            case .removeRoute(let prefix, _), .removeUnreachable(let prefix): self = .route(prefix)
            case .removeNeighbour(let address, _): self = .neighbour(address)
            case .removeForwarding(let mac, _, _): self = .forwarding(mac)
            default: return nil
            }
        }
    }

    /// By object, until when its removal is expected, in nanoseconds of the monotonic clock: a request that the kernel
    /// refused is followed by no event. A busy machine may take long until the event is read, and what is taken for ours
    /// by mistake is seen by the next look at everything, half a minute later at most.
    private let expected = Mutex<[Object: UInt64]>([:])
    private static let patience: UInt64 = 60_000_000_000
    /// Without a watch nobody takes them out.
    private static let most = 4096

    func expect(_ objects: some Sequence<Object>) {
        let now = Clock.monotonic()
        expected.withLock { expected in
            if expected.count > Self.most { expected = expected.filter { $0.value > now } }
            for object in objects { expected[object] = now + Self.patience }
        }
    }

    /// Whether a removal that was heard of is one of these; once for each.
    func wasOurs(_ object: Object) -> Bool {
        expected.withLock { $0.removeValue(forKey: object) }.map { $0 > Clock.monotonic() } ?? false
    }
}
