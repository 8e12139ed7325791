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
                flush()
            }
        }
    }

    private func flush() {
        let addresses = waiting
        waiting = []
        do throws(NetlinkError) {
            try ConnectionFlush.forget(addresses)
        } catch {
            logger.warning("connections of released addresses stay", metadata: ["reason": "\(error)"])
        }
    }
}
