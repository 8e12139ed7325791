import Synchronization

/// A work queue with a clock and hands: runs a piece of work for every key that is due, so many at once.
final class QueueRunner<Key: Hashable & Comparable & Sendable>: Sendable {
    enum Outcome: Sendable {
        case done
        /// Done for now, and to be looked at again after so long at the latest.
        case again(in: Duration)
        case failed
    }

    private let width: Int
    private let queue = Mutex(WorkQueue<Key>())
    private let origin = ContinuousClock.now
    private let signal: AsyncStream<Void>
    private let wake: AsyncStream<Void>.Continuation

    init(width: Int) {
        self.width = width
        (signal, wake) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Monotonic, since the runner was made.
    var elapsed: Duration { origin.duration(to: .now) }

    func add(_ keys: some Sequence<Key>) {
        queue.withLock { queue in for key in keys { queue.add(key) } }
        wake.yield()
    }

    /// Until the task is cancelled.
    func run(_ work: @escaping @Sendable (Key) async -> Outcome) async {
        await withDiscardingTaskGroup { group in
            var timer: Task<Void, Never>?
            for await _ in signal {
                while let key = take() {
                    group.addTask {
                        let outcome = await work(key)
                        self.finish(key, outcome)
                    }
                }
                timer?.cancel()
                timer = queue.withLock({ $0.nextTime }).map(alarm)
            }
            timer?.cancel()
        }
    }

    private func take() -> Key? {
        let now = elapsed
        return queue.withLock { queue in queue.running.count < width ? queue.next(now: now) : nil }
    }

    private func finish(_ key: Key, _ outcome: Outcome) {
        let now = elapsed
        queue.withLock { queue in
            switch outcome {
            case .done: queue.done(key)
            case .again(let delay):
                queue.done(key)
                queue.add(key, at: now + delay)
            case .failed: queue.failed(key, now: now)
            }
        }
        wake.yield()
    }

    private func alarm(at time: Duration) -> Task<Void, Never> {
        let deadline = origin.advanced(by: time)
        return Task { [wake] in
            if (try? await Task.sleep(until: deadline, tolerance: .milliseconds(2))) != nil { wake.yield() }
        }
    }
}
