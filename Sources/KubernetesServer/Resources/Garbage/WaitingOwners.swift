import Synchronization

/// Owners on their way out that wait for their dependents.
final class WaitingOwners: Sendable {
    private let owners = Mutex<Set<StoreKey>>([])
    /// One for every owner that came, folded when nobody looked.
    let signals: AsyncStream<Void>
    private let signal: AsyncStream<Void>.Continuation

    init() { (signals, signal) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1)) }

    var all: [StoreKey] { owners.withLock { $0.sorted { $0.description < $1.description } } }

    func add(_ key: StoreKey) {
        owners.withLock { _ = $0.insert(key) }
        signal.yield()
    }

    func remove(_ key: StoreKey) { owners.withLock { _ = $0.remove(key) } }
}
