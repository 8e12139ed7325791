import Foundation
import NIOHTTP1

/// Acting as somebody else (`--as`): who is asked for, and what the caller must be allowed for that
/// (apiserver/pkg/endpoints/filters/impersonation.go).
struct Impersonation: Hashable, Sendable {
    /// Each is to be allowed for the caller.
    var demands: [AccessAttributes]
    var user: UserInfo

    struct Malformed: Error, Hashable {
        var message: String
    }

    /// Nil when no header asks for it.
    init?(_ headers: HTTPHeaders) throws(Malformed) {
        let name = headers.first(name: "impersonate-user") ?? ""
        let uid = headers.first(name: "impersonate-uid") ?? ""
        let groups = headers["impersonate-group"]
        var extra: [String: [String]] = [:]
        let prefix = "impersonate-extra-"
        for (header, value) in headers where header.lowercased().hasPrefix(prefix) {
            let key = String(header.lowercased().dropFirst(prefix.count))
            extra[key.removingPercentEncoding ?? key, default: []].append(value)
        }
        guard !name.isEmpty else {
            if uid.isEmpty, groups.isEmpty, extra.isEmpty { return nil }
            throw Malformed(message: "requested \(groups) without impersonating a user")
        }
        demands = []
        let account = ServiceAccountName(user: name)
        if let account {
            demands.append(
                AccessAttributes(
                    verb: "impersonate", resource: "serviceaccounts", namespace: account.namespace, name: account.name))
        } else {
            demands.append(AccessAttributes(verb: "impersonate", resource: "users", name: name))
        }
        for group in groups {
            demands.append(AccessAttributes(verb: "impersonate", resource: "groups", name: group))
        }
        for (key, values) in extra.sorted(by: { $0.key < $1.key }) {
            for value in values {
                demands.append(
                    AccessAttributes(
                        verb: "impersonate", group: "authentication.k8s.io", resource: "userextras", subresource: key,
                        name: value))
            }
        }
        if !uid.isEmpty {
            demands.append(
                AccessAttributes(verb: "impersonate", group: "authentication.k8s.io", resource: "uids", name: uid))
        }
        user = UserInfo(name: name, uid: uid, groups: groups, extra: extra)
        if let account, groups.isEmpty { user.groups = account.groups }
        let known = [Authenticator.authenticated, Authenticator.unauthenticated]
        if name == UserInfo.anonymous.name {
            if !user.groups.contains(known[1]) { user.groups.append(known[1]) }
        } else if !user.groups.contains(where: known.contains) {
            user.groups.append(known[0])
        }
    }

    /// Headers that must not reach anybody further in.
    static func removed(from headers: HTTPHeaders) -> HTTPHeaders {
        var headers = headers
        for (name, _) in headers where name.lowercased().hasPrefix("impersonate-") { headers.remove(name: name) }
        return headers
    }
}
