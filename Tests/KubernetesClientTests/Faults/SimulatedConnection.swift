import KubernetesModel

@testable import KubernetesClient

/// How a server behaves for the whole of a schedule.
struct ServerHabits {
    enum WatchList: CaseIterable {
        case works
        /// 422 (Kubernetes 1.20).
        case refused
        /// An ERROR event in a 200 (1.36 on an old etcd).
        case refusedInside
        /// The parameters are not known: an ordinary watch from "now", whose initial events never end.
        case ignored
    }

    var watchList: WatchList
    var bookmarks: Bool
    /// Events that are always sent broken, by revision.
    var poisoned: Set<UInt64> = []
}

/// The server's side of one request: what it has put on the wire and the client has not read yet.
struct SimulatedConnection {
    let number: Int
    let query: ReflectorQuery
    var wire: [UInt8] = []
    /// The status, once the head was sent; a body other than 200's is the Status.
    var isAnswered = false
    /// The server has nothing more to say: an orderly end after what is on the wire.
    var isFinished = false
    /// Nothing gets through any more, in no direction.
    var isHalfOpen = false
    /// Nothing at all has been or will be answered.
    var opened: Duration
    /// For a watch: everything up to here has been put on the wire.
    var sent: UInt64 = 0
    var lastSent: SimulatedCluster.Change?
    /// The bookmark that ends the initial events has still to be sent.
    var owesInitialEnd = false
    var lastBookmark: Duration

    init(number: Int, query: ReflectorQuery, opened: Duration) {
        self.number = number
        self.query = query
        self.opened = opened
        lastBookmark = opened
    }

    /// Puts on the wire what has happened since.
    mutating func deliver(_ cluster: SimulatedCluster, _ habits: ServerHabits) {
        guard case .watch = query, isAnswered, !isFinished else { return }
        for change in cluster.changes(after: sent) { send(change, cluster, habits) }
    }

    mutating func send(_ change: SimulatedCluster.Change, _ cluster: SimulatedCluster, _ habits: ServerHabits) {
        let text =
            habits.poisoned.contains(change.revision)
            ? "{\"type\":\"\(change.type.rawValue)\",\"object\":{\"metadata\":}}\n"
            : cluster.event(change.type.rawValue, change.object)
        wire += Array(text.utf8)
        sent = change.revision
        lastSent = change
    }

    /// The bookmark that is due, if one is.
    mutating func sendBookmark(_ cluster: SimulatedCluster, _ habits: ServerHabits, at now: Duration) {
        guard case .watch = query, isAnswered, !isFinished else { return }
        if owesInitialEnd {
            guard habits.watchList == .works else { return }
            owesInitialEnd = false
            wire += Array(cluster.bookmark(sent, endsInitialEvents: true).utf8)
        } else if habits.bookmarks {
            wire += Array(cluster.bookmark(sent, endsInitialEvents: false).utf8)
        }
        lastBookmark = now
    }
}
