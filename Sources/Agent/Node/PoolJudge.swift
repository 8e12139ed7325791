import Addressing
import Fabric
import IPAMKubernetes
import KubernetesModel
import Synchronization

/// Says which pools lie over services or nodes. The source of addresses is made before anybody knows these, and asks at
/// every look.
final class PoolJudge: Sendable {
    /// Ranges of services, and the nodes there are.
    typealias Surroundings = @Sendable () -> (services: [IPPrefix], nodes: [FabricNode])

    private let surroundings = Mutex<Surroundings?>(nil)

    func ask(_ body: @escaping Surroundings) { surroundings.withLock { $0 = body } }

    /// By name, what is wrong with object and field.
    func verdicts(on pools: [IPPool]) -> [String: String] {
        guard !pools.isEmpty, let (services, nodes) = surroundings.withLock({ $0 })?() else { return [:] }
        var verdicts: [String: String] = [:]
        for pool in pools {
            verdicts[pool.metadata.name] = AddressConflicts.conflict(
                ofPool: pool.metadata.name, pool.cidrs, services: services, nodes: nodes)
        }
        return verdicts
    }
}
