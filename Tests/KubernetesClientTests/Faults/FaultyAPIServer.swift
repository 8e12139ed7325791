import Foundation
import KubernetesModel
import Synchronization

@testable import KubernetesClient

/// A misbehaving API server over real sockets: the simulated cluster, its answers cut into chunks at any byte, and
/// every fault of the book. Each request makes some writes first, so that there is always something to miss.
final class FaultyAPIServer: Sendable {
    struct State {
        var cluster = SimulatedCluster()
        var random: SplitMix64
        /// Percent of the requests that go wrong.
        var misery: Int
        var writes = true
        var faults: [String: Int] = [:]
    }

    private let state: Mutex<State>

    init(seed: UInt64, misery: Int) {
        state = Mutex(State(random: SplitMix64(seed: seed), misery: misery))
    }

    var cluster: SimulatedCluster { state.withLock { $0.cluster } }
    /// How often each fault has happened.
    var faults: [String: Int] { state.withLock { $0.faults } }

    /// From now on everything works and nothing changes.
    func heal() {
        state.withLock {
            $0.misery = 0
            $0.writes = false
        }
    }

    func reply(_ request: LoopbackServer.Request) -> LoopbackServer.Reply {
        let items = URLComponents(string: request.uri)?.queryItems ?? []
        let query = Dictionary(items.map { ($0.name, $0.value ?? "") }, uniquingKeysWith: { first, _ in first })
        return state.withLock { $0.reply(query) }
    }
}

extension FaultyAPIServer.State {
    typealias Reply = LoopbackServer.Reply

    mutating func reply(_ query: [String: String]) -> Reply {
        if writes { for _ in 0..<Int.random(in: 0...3, using: &random) { write() } }
        if Int.random(in: 0..<100, using: &random) < misery, let reply = refusal() { return reply }
        if query["watch"] != nil { return watch(query) }
        let list = ReflectorQuery.List(
            limit: query["limit"].flatMap { Int($0) } ?? 0, continuation: query["continue"] ?? "", resourceVersion: nil)
        switch cluster.list(list) {
        case .status(let code, let body): return .json(code, body)
        case .body(let text): return body(Array(text.utf8), name: "list")
        }
    }

    private mutating func write() {
        let key = ObjectKey(namespace: "tx", name: "o\(Int.random(in: 0..<6, using: &random))")
        if Int.random(in: 0..<4, using: &random) == 0 {
            cluster.delete(key)
        } else {
            cluster.write(key, payload: Int.random(in: 0..<SimulatedCluster.payloads.count, using: &random))
        }
        if Int.random(in: 0..<20, using: &random) == 0 { cluster.compact(to: cluster.revision - 2) }
    }

    private mutating func count(_ fault: String) { faults[fault, default: 0] += 1 }

    /// A fault that is the whole answer.
    private mutating func refusal() -> Reply? {
        let fault = ["hang up", "no head", "429", "500", "503", "410", "page of a proxy", "body"].randomElement(
            using: &random)
        guard let fault, fault != "body" else { return nil }
        count(fault)
        switch fault {
        case "hang up": return .hangUp
        case "no head": return .silence
        case "429":
            let status = SimulatedCluster.status(429, "TooManyRequests", "slow down", retryAfter: 0)
            return .json(429, status, [("Retry-After", "0"), ("Date", "Thu, 01 Jan 1970 00:00:00 GMT")])
        case "500": return .json(500, SimulatedCluster.status(500, "InternalError", "oh"))
        case "503": return .json(503, "{}", [("Retry-After", "Thu, 01 Jan 1970 00:00:00 GMT")])
        case "410": return .json(410, SimulatedCluster.status(410, "Expired", "too old"))
        default: return .answer(200, [("Content-Type", "text/html")], Array("<html>sign in</html>".utf8))
        }
    }

    /// A body in chunks cut anywhere, which may end before it ends.
    private mutating func body(_ bytes: [UInt8], name: String) -> Reply {
        var bytes = bytes[...]
        var isCutOff = false
        if Int.random(in: 0..<100, using: &random) < misery {
            count("\(name) cut off")
            bytes = bytes.prefix(Int.random(in: 0..<max(1, bytes.count), using: &random))
            isCutOff = Bool.random(using: &random)
        }
        var chunks: [(pause: Int, bytes: [UInt8])] = []
        while !bytes.isEmpty {
            let size = Int.random(in: 1...400, using: &random)
            chunks.append((Int.random(in: 0..<8, using: &random) == 0 ? 1 : 0, Array(bytes.prefix(size))))
            bytes = bytes.dropFirst(size)
        }
        return .chunks(chunks, isCutOff: isCutOff)
    }

    private mutating func watch(_ query: [String: String]) -> Reply {
        var text = ""
        var from = cluster.revision
        if let version = query["resourceVersion"].flatMap({ UInt64($0) }) {
            from = version
            if version < cluster.compacted {
                count("ERROR 410")
                return body(Array(SimulatedCluster.error(410, "Expired", "too old").utf8), name: "watch")
            }
        } else {
            for object in cluster.objects.values.sorted(by: { $0.key < $1.key }) {
                text += cluster.event("ADDED", object)
            }
            text += cluster.bookmark(from, endsInitialEvents: true)
        }
        for change in cluster.changes(after: from) {
            text += cluster.event(change.type.rawValue, change.object)
            guard Int.random(in: 0..<100, using: &random) < misery else { continue }
            switch Int.random(in: 0..<4, using: &random) {
            case 0:
                count("malformed event")
                text += Simulation.malformed.randomElement(using: &random) ?? ""
            case 1:
                count("repeated event")
                text += cluster.event(change.type.rawValue, change.object)
            case 2:
                count("half-open")
                return .chunks([(0, Array(text.utf8)), (3_600_000, [])], isCutOff: false)
            default:
                count("ERROR 500")
                text += SimulatedCluster.error(500, "InternalError", "oh")
            }
        }
        if Bool.random(using: &random) { text += cluster.bookmark(cluster.revision, endsInitialEvents: false) }
        return body(Array(text.utf8), name: "watch")
    }
}
