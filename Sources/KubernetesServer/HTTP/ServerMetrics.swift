import Synchronization

/// What `/metrics` says about requests.
package final class ServerMetrics: Sendable {
    package init() {}

    private struct Series: Hashable {
        var method: String
        var status: Int
    }

    private struct State {
        var requests: [Series: UInt64] = [:]
        var connections = 0
        var accepted: UInt64 = 0
    }

    private let state = Mutex(State())

    /// Methods a client invents share one series, or it could make as many as it likes.
    private static let known: Set = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]

    func count(method: String, status: Int) {
        let series = Series(method: Self.known.contains(method) ? method : "other", status: status)
        state.withLock { $0.requests[series, default: 0] += 1 }
    }

    func connectionOpened() {
        state.withLock {
            $0.connections += 1
            $0.accepted += 1
        }
    }

    func connectionClosed() { state.withLock { $0.connections -= 1 } }

    /// In the Prometheus text format.
    func text() -> String {
        let (requests, connections, accepted) = state.withLock { ($0.requests, $0.connections, $0.accepted) }
        var text = """
            # HELP apiserver_request_total Requests answered, by method and HTTP status.
            # TYPE apiserver_request_total counter

            """
        for (series, count) in requests.sorted(by: { ($0.key.method, $0.key.status) < ($1.key.method, $1.key.status) })
        {
            text += "apiserver_request_total{verb=\"\(series.method)\",code=\"\(series.status)\"} \(count)\n"
        }
        return text + """
            # HELP poplin_apiserver_connections Open client connections.
            # TYPE poplin_apiserver_connections gauge
            poplin_apiserver_connections \(connections)
            # HELP poplin_apiserver_connections_total Client connections accepted.
            # TYPE poplin_apiserver_connections_total counter
            poplin_apiserver_connections_total \(accepted)

            """
    }
}
