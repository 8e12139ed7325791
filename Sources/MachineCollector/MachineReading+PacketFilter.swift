import Diagnosis
import JSONTree
import LinuxHost
import Netlink
import SystemCalls

extension MachineReading {
    /// Rules of nf_tables and of the old iptables, read over netlink and socket options.
    mutating func readPacketFilters() {
        miss(NodeEvidence.Part.nftables.path, because: "not read")
    }
}
