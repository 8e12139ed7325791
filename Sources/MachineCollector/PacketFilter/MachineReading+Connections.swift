import CLinux
import Diagnosis
import LinuxHost
import Netlink
import SystemCalls

extension MachineReading {
    /// Counters of the table of connections, and the kernel's load balancer.
    mutating func readConnections() {
        readConntrackStatistics()
        readIPVS()
    }

    /// In the form of `conntrack -S`.
    private mutating func readConntrackStatistics() {
        let part = NodeEvidence.Part.conntrack.path
        guard (try? FileSystem.exists("/proc/sys/net/netfilter/nf_conntrack_max")) == true else {
            return add(
                "# this kernel tracks no connections (nf_conntrack is not there)\n", part, command: "conntrack -S")
        }
        func added(_ statistics: [Conntrack.Statistics]) {
            add(statistics.map { $0.text + "\n" }.joined(), part, command: "conntrack -S")
        }
        // Asking over netlink loads a module where it is not loaded; this file says the same where the kernel has it.
        let path = "/proc/thread-self/net/stat/nf_conntrack"
        var reason = ""
        do throws(SystemCallError) {
            if let bytes = try AtomicFile.read(path, limit: 1 << 20) {
                return added(Conntrack.Statistics.parsing(stat: String(decoding: bytes, as: UTF8.self)))
            }
        } catch {
            reason = "\(error)"
        }
        do throws(NetlinkError) {
            var netlink = try NetlinkSocket(family: NETLINK_NETFILTER)
            added(try Conntrack.statistics(&netlink))
        } catch {
            miss(part, because: (reason.isEmpty ? "" : "\(reason); ") + Self.reason(error))
        }
    }

    /// In the form of `ipvsadm -S -n`.
    private mutating func readIPVS() {
        let part = NodeEvidence.Part.ipvs.path
        guard (try? FileSystem.exists(IPVS.path)) == true else {
            return add(
                "# this kernel has no ip_vs, or its module is not loaded\n", part, command: "ipvsadm -S -n")
        }
        do throws(NetlinkError) {
            add(try IPVS.services().map(\.text).joined(), part, command: "ipvsadm -S -n")
        } catch {
            miss(part, because: Self.reason(error))
        }
    }
}
