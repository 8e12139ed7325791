import Addressing
import JSONTree

extension FactBase {
    /// Ranges pods may have addresses of, from every object that says so.
    var addressPools: [IPPrefix] { derived.value("address pools") { readAddressPools() } }

    private func readAddressPools() -> [IPPrefix] {
        var pools = objects("ippools.crd.projectcalico.org", "ippools.projectcalico.org")
            .compactMap { $0.text("spec", "cidr").flatMap { IPPrefix($0) } }
        for node in objects("nodes") { pools += podRanges(node.name) }
        for node in objects("ciliumnodes.cilium.io") {
            pools += node.list("spec", "ipam", "podCIDRs").compactMap { $0.string.flatMap { IPPrefix($0) } }
        }
        for pool in objects("addresspools.poplin.dev", "ippools.poplin.dev") {
            pools += (pool.list("spec", "cidrs") + [pool["spec", "cidr"]].compactMap { $0 })
                .compactMap { $0.string.flatMap { IPPrefix($0) } }
        }
        return pools
    }
}
