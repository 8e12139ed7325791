import JSONTree
import KubernetesModel

/// What the server serves, asked for once and kept. A resource that is not there is looked for again (a CRD may be
/// new), but not more often than every ten seconds.
public actor Discovery {
    /// How long what is known is believed.
    public static let lifetime = Duration.seconds(600)
    static let leastPeriod = Duration.seconds(10)

    private let client: ClusterClient
    private var known: (resources: ServedResources, at: ContinuousClock.Instant)?

    public init(_ client: ClusterClient) { self.client = client }

    /// - Parameter isFresh: asks again whatever is known.
    public func resources(isFresh: Bool = false) async throws(KubernetesFailure) -> ServedResources {
        if !isFresh, let known, known.at.duration(to: .now) < Self.lifetime { return known.resources }
        let resources = try await ask()
        known = (resources, .now)
        return resources
    }

    public func resource(of kind: GroupVersionKind) async throws(KubernetesFailure) -> ServedResource? {
        try await find { $0.resource(of: kind) }
    }

    public func resource(named name: String) async throws(KubernetesFailure) -> ServedResource? {
        try await find { $0.resource(named: name) }
    }

    public func forget() { known = nil }

    private func find(
        _ look: (ServedResources) -> ServedResource?
    ) async throws(KubernetesFailure) -> ServedResource? {
        if let found = look(try await resources()) { return found }
        guard let known, known.at.duration(to: .now) >= Self.leastPeriod else { return nil }
        return look(try await resources(isFresh: true))
    }

    private static let aggregatedTypes = [
        "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList",
        "application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList", "application/json",
    ].joined(separator: ",")

    private func ask() async throws(KubernetesFailure) -> ServedResources {
        var all = try await ask(under: "/api")
        all.add(try await ask(under: "/apis"))
        return all
    }

    /// One answer with everything, or from older servers the list of what else to ask for.
    private func ask(under path: String) async throws(KubernetesFailure) -> ServedResources {
        let answer: KubernetesAnswer
        do throws(KubernetesFailure) {
            answer = try await client.answer(
                KubernetesRequest(.get, path: path, headers: [KubernetesField("Accept", Self.aggregatedTypes)]))
        } catch {
            // A server of one group alone (metrics) has no core group.
            if error.status?.isNotFound == true { return ServedResources([]) }
            throw error
        }
        let node = try answer.document()
        if node.member("kind")?.string == "APIGroupDiscoveryList" { return ServedResources(aggregated: node) }
        var all = ServedResources([])
        for groupVersion in Self.groupVersions(node) {
            do throws(KubernetesFailure) {
                let list = try await client.answer(KubernetesRequest(.get, path: "\(path)/\(groupVersion)"))
                all.add(ServedResources(legacy: try list.document()))
            } catch {
                guard error.status != nil else { throw error }
                all.add(unavailable: groupVersion, error.sentence)
            }
        }
        return all
    }

    /// `APIVersions` (`v1`) or `APIGroupList` (`apps/v1`, the preferred version of each group first).
    private static func groupVersions(_ node: JSONNode) -> [String] {
        if let versions = node.member("versions") { return versions.elements.compactMap(\.string) }
        return node.member("groups")?.elements.flatMap { group in
            let preferred = group.member("preferredVersion")?.member("groupVersion")?.string
            let all = group.member("versions")?.elements.compactMap { $0.member("groupVersion")?.string } ?? []
            return all.filter { $0 == preferred } + all.filter { $0 != preferred }
        } ?? []
    }
}
