/// What a reflector asks for. Selectors and the path are the informer's and do not change.
public enum ReflectorQuery: Sendable, Equatable {
    case list(List)
    case watch(Watch)

    /// One page of a list.
    public struct List: Sendable, Equatable {
        /// 0 for everything.
        public var limit: Int
        /// Empty for the first page.
        public var continuation: String
        /// Nil for a consistent read; "0" for what the cache has.
        public var resourceVersion: ResourceVersion?

        public var items: [(name: String, value: String)] {
            var items: [(name: String, value: String)] = []
            if limit > 0 { items.append(("limit", String(limit))) }
            if !continuation.isEmpty { items.append(("continue", continuation)) }
            // A continue token carries its version; kube-apiserver refuses the two together.
            if let resourceVersion, continuation.isEmpty { items.append(("resourceVersion", resourceVersion.text)) }
            return items
        }
    }

    /// A watch, from a version or with the initial events.
    public struct Watch: Sendable, Equatable {
        /// Nil for a watch-list.
        public var resourceVersion: ResourceVersion?
        public var timeoutSeconds: Int

        public var sendsInitialEvents: Bool { resourceVersion == nil }

        public var items: [(name: String, value: String)] {
            var items: [(name: String, value: String)] = [("watch", "1"), ("allowWatchBookmarks", "true")]
            if let resourceVersion {
                items.append(("resourceVersion", resourceVersion.text))
            } else {
                items += [("sendInitialEvents", "true"), ("resourceVersionMatch", "NotOlderThan")]
            }
            items.append(("timeoutSeconds", String(timeoutSeconds)))
            return items
        }
    }

}

extension ServerStatus {
    /// The version asked for is no longer kept: 410, as `Expired` or, on old servers, `Gone`.
    var isExpired: Bool { code == 410 || reason == "Expired" || reason == "Gone" }

    /// The version asked for does not exist yet on this server.
    var isFromTheFuture: Bool { causes.contains { $0.reason == "ResourceVersionTooLarge" } }

    /// Says something about the server's load, its state or our rights, nothing about the version we asked from.
    var isAboutTheServer: Bool { [401, 403, 404, 408, 429, 502, 503, 504].contains(code) }
}

/// Why a reflector had to do something else than it wanted. For logs, status and metrics; the machine has acted.
public enum ReflectorFault: Sendable, Equatable, CustomStringConvertible {
    /// The version of the store was too old to go on from: a list follows.
    case expired(String)
    case refused(ServerStatus)
    /// No answer could be had, or the connection broke between two events.
    case disconnected(String)
    /// The answer ended in the middle of an object or a page.
    case cut(String)
    case malformed(String)
    /// Nothing was heard for so long.
    case silent(Duration)
    /// The server does not do watch-lists: lists from now on.
    case noWatchList(String)
    /// The server may have gone back in time: a list follows, and nothing known is taken for granted.
    case suspect(String)

    public var description: String {
        switch self {
        case .expired(let message): "the version was too old to go on from (\(message)): listing again"
        case .refused(let status): "the server answered \(status.code) \(status.reason): \(status.message)"
        case .disconnected(let reason): "disconnected: \(reason)"
        case .cut(let what): "the answer ended in the middle of \(what)"
        case .malformed(let what): "malformed answer: \(what)"
        case .silent(let time): "nothing was heard for \(time.components.seconds) s"
        case .noWatchList(let reason): "no watch-list here (\(reason)): using lists"
        case .suspect(let reason): "\(reason): listing again from nothing"
        }
    }
}
