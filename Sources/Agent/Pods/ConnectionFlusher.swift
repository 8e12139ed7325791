import Addressing
import Logging
import Netlink

/// Forgets connections a moment after addresses were released, those of a burst together: each time the kernel goes through
/// its whole table. Whoever releases does not wait for it, because a released address rests longer than that.
actor ConnectionFlusher {
    private var waiting: [IPAddress] = []
    private let logger: Logger

    init(_ logger: Logger) { self.logger = logger }

    func forget(_ addresses: [IPAddress]) {
        let isFirst = waiting.isEmpty
        waiting += addresses
        if isFirst, !waiting.isEmpty {
            Task {
                try? await Task.sleep(for: .seconds(1))
                await flush()
            }
        }
    }

    private func flush() async {
        let addresses = waiting
        waiting = []
        await Self.flush(addresses, logger)
    }

    /// Away from the actor: whoever releases the next address does not wait for it either.
    private nonisolated static func flush(_ addresses: [IPAddress], _ logger: Logger) async {
        do throws(NetlinkError) {
            try ConnectionFlush.forget(addresses)
        } catch {
            logger.warning("connections of released addresses stay", metadata: ["reason": "\(error)"])
        }
    }
}
