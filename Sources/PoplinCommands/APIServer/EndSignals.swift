import Dispatch
import Foundation
import Synchronization

/// SIGTERM and SIGINT as something to wait for. A second one ends the process as it would have at first.
final class EndSignals: Sendable {
    /// Touched when this is made and when it goes, and by nobody between.
    nonisolated(unsafe) private let sources: [any DispatchSourceSignal]
    private let stream: AsyncStream<String>

    init() {
        let (stream, continuation) = AsyncStream.makeStream(of: String.self)
        self.stream = stream
        var sources: [any DispatchSourceSignal] = []
        for (number, name) in [(SIGTERM, "SIGTERM"), (SIGINT, "SIGINT")] {
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number)
            source.setEventHandler {
                continuation.yield(name)
                signal(number, SIG_DFL)
            }
            source.resume()
            sources.append(source)
        }
        self.sources = sources
    }

    deinit { for source in sources { source.cancel() } }

    /// The name of the first that comes.
    func first() async -> String { await next() ?? "none" }

    /// The same; nil when the task that waits is cancelled before.
    func next() async -> String? {
        for await name in stream { return name }
        return nil
    }

    /// They end the process again, as they did before.
    func release() {
        for source in sources { source.cancel() }
        for number in [SIGTERM, SIGINT] { signal(number, SIG_DFL) }
    }

    /// Ends the process as the signal of that name would have, so that whoever started it sees why.
    static func end(by name: String) -> Never {
        let number = name == "SIGTERM" ? SIGTERM : SIGINT
        signal(number, SIG_DFL)
        // To the process and not to this thread: the threads that tasks run on let no signal through.
        kill(getpid(), number)
        sleep(5)
        exit(128 + number)
    }
}

/// A value that a task makes and a thread waits for: how a synchronous command runs a server.
final class Waiting<Value: Sendable>: Sendable {
    private let value = Mutex<Value?>(nil)
    private let semaphore = DispatchSemaphore(value: 0)

    func set(_ value: Value) {
        self.value.withLock { $0 = value }
        semaphore.signal()
    }

    func wait() -> Value {
        while true {
            semaphore.wait()
            if let value = value.withLock({ $0 }) { return value }
        }
    }
}
