import JSONTree
import KubernetesClient
import KubernetesModel

/// The pools of a cluster as they were read. A server without our rules (the definition's were taken out, or the object
/// is older than they are) keeps pools that nobody can read: such a one takes none of the others with it.
public struct PoolReading: Hashable, Sendable {
    /// By name.
    public private(set) var pools: [IPPool] = []
    /// Pools that cannot be read, by name: object, field and what is wrong.
    public private(set) var unreadable: [String: String] = [:]
    private var uids: [String: String] = [:]

    public init(_ objects: some Sequence<JSONNode>) {
        for object in objects {
            let name = object.at("metadata", "name")?.string ?? ""
            uids[name] = object.at("metadata", "uid")?.string ?? ""
            do throws(FieldError) {
                pools.append(try IPPool(decoding: object))
            } catch {
                unreadable[name] = "IPPool \(name): \(Self.withoutList(error))"
            }
        }
        pools.sort { $0.metadata.name < $1.metadata.name }
    }

    /// The path within the object, and not within the list it came in: `items[1].spec.cidrs`.
    private static func withoutList(_ error: FieldError) -> String {
        let text = "\(error)"
        guard text.hasPrefix("items["), let dot = text.firstIndex(of: ".") else { return text }
        return String(text[text.index(after: dot)...])
    }

    /// - Parameter unreadable: by name, what is wrong.
    public init(pools: [IPPool], unreadable: [String: String] = [:]) {
        self.pools = pools.sorted { $0.metadata.name < $1.metadata.name }
        self.unreadable = unreadable
        uids = Dictionary(pools.map { ($0.metadata.name, $0.metadata.uid) }) { first, _ in first }
    }

    /// What is wrong with a pool, for an event on it.
    public struct Complaint: Hashable, Sendable {
        public var pool: String
        public var uid: String
        /// With object and field.
        public var message: String
        public var consequence: Consequence

        public init(pool: String, uid: String, message: String, consequence: Consequence) {
            self.pool = pool
            self.uid = uid
            self.message = message
            self.consequence = consequence
        }
    }

    public enum Consequence: Hashable, Sendable {
        /// It gives out nothing until it is changed.
        case barred
        /// The same, because of what lies around it (``PoolSource/Judge``).
        case misplaced
        /// The range that is named has no whole block; the pool's others are used.
        case idleRange
        /// It is used as the message says.
        case used
    }

    /// Everything that is wrong, pool by pool.
    ///
    /// - Parameter misplaced: pools that lie where they must not, by name, with what is wrong.
    public func complaints(misplaced: [String: String] = [:]) -> [Complaint] {
        var complaints: [Complaint] = []
        func add(_ name: String, _ message: String, _ consequence: Consequence) {
            complaints.append(
                Complaint(pool: name, uid: uids[name] ?? "", message: message, consequence: consequence))
        }
        for (name, message) in unreadable.sorted(by: { $0.key < $1.key }) { add(name, message, .barred) }
        let overlapping = IPPool.overlappingOlder(pools)
        for pool in pools {
            let name = pool.metadata.name
            for message in pool.problems() { add(name, message, .idleRange) }
            for message in pool.remarks { add(name, message, .used) }
            if let message = overlapping[name] { add(name, message, .barred) }
            if let message = misplaced[name] { add(name, message, .misplaced) }
        }
        return complaints
    }
}

extension ClusterClient {
    /// The pools of the cluster.
    public func pools() async throws(KubernetesFailure) -> PoolReading {
        PoolReading(try await collection(of: IPPool.self).all().items)
    }
}
