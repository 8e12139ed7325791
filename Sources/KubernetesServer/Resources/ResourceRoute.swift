import KubernetesModel

/// A path below `/api` or `/apis` taken apart.
enum ResourceRoute: Equatable {
    /// `/api`, `/apis`, `/apis/GROUP`.
    case versions, groups
    case group(String)
    /// `/api/v1`, `/apis/GROUP/VERSION`.
    case resources(group: String, version: String)
    case collection(Target)
    case object(Target, name: String, subresource: String)
    case none

    struct Target: Equatable {
        var gvr: GroupVersionResource
        /// Nil for every namespace, or for what has none.
        var namespace: String?
    }

    init(_ segments: [String]) {
        var rest = segments[...]
        guard let prefix = rest.popFirst(), prefix == "api" || prefix == "apis" else {
            self = .none
            return
        }
        var group = ""
        if prefix == "apis" {
            guard let name = rest.popFirst() else {
                self = .groups
                return
            }
            group = name
            if rest.isEmpty {
                self = .group(group)
                return
            }
        }
        guard let version = rest.popFirst() else {
            self = .versions
            return
        }
        if rest.isEmpty {
            self = .resources(group: group, version: version)
            return
        }
        self = Self.below(group, version, rest)
    }

    private static func below(_ group: String, _ version: String, _ segments: ArraySlice<String>) -> ResourceRoute {
        var rest = segments
        var namespace: String?
        // `namespaces/NAME/status` is the namespace's own; anything else behind a namespace is inside it.
        if rest.first == "namespaces", rest.count > 2 {
            let third = rest[rest.startIndex + 2]
            if !(group.isEmpty && rest.count == 3 && (third == "status" || third == "finalize")) {
                namespace = rest[rest.startIndex + 1]
                rest = rest.dropFirst(2)
            }
        }
        guard let resource = rest.popFirst() else { return .none }
        let target = Target(
            gvr: GroupVersionResource(group: group, version: version, resource: resource), namespace: namespace)
        guard let name = rest.popFirst() else { return .collection(target) }
        return .object(target, name: name, subresource: rest.joined(separator: "/"))
    }
}
