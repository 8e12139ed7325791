import CLinux
import Diagnosis
import JSONTree
import Netlink
import SystemCalls

extension MachineReading {
    /// Classifiers of tc that are no BPF programs, of every interface of the calling thread's namespace: those of what
    /// comes in and goes out (`clsact`, `ingress`), and those that a queue asks.
    mutating func readClassifiers(_ base: String, _ prefix: String, _ links: [Link]) {
        let part = NodeEvidence.Part.classifiers.path
        let form = ClassifierForm(
            names: Dictionary(links.map { ($0.index.rawValue, $0.name) }) { first, _ in first })
        do throws(NetlinkError) {
            var socket = try RouteSocket()
            var found: [JSONValue] = []
            for discipline in try socket.queueingDisciplines() {
                guard let device = form.names[discipline.interface.rawValue] else { continue }
                for (parent, direction) in Self.places(discipline) {
                    found += try Self.classifiers(form, discipline.interface.rawValue, device, parent, direction)
                }
            }
            add(
                JSONValue.array(found).serialized(), part, at: base,
                command: "\(prefix)tc -j filter show dev DEVICE ingress")
        } catch {
            miss(part, at: base, because: "\(error)")
        }
    }

    private static func places(
        _ discipline: QueueingDiscipline
    ) -> [(parent: TrafficControlHandle, direction: String)] {
        switch discipline.kind {
        case .clsact: [(.ingressFilters, "ingress"), (.egressFilters, "egress")]
        case .ingress: [(.ingressFilters, "ingress")]
        // These ask no classifiers.
        case .tokenBucket, .other("noqueue"), .other("pfifo_fast"), .other("pfifo"), .other("mq"), .other("fq"): []
        // Of one without a number there are none either.
        case .other: discipline.handle.rawValue == 0 ? [] : [(discipline.handle, "egress")]
        }
    }

    private static func classifiers(
        _ form: ClassifierForm, _ interface: Int32, _ device: String, _ parent: TrafficControlHandle,
        _ direction: String
    ) throws(NetlinkError) -> [JSONValue] {
        var socket = try NetlinkSocket(family: NETLINK_ROUTE)
        do {
            return try socket.list("RTM_GETTFILTER", on: device, type: Int(RTM_GETTFILTER)) { writer in
                var header = tcmsg()
                header.tcm_ifindex = interface
                header.tcm_parent = parent.rawValue
                writer.append(header)
            } decode: { message throws(MalformedMessage) in
                try form.value(message, on: device, direction)
            }
        } catch  where [.EINVAL, .ENOENT, .EOPNOTSUPP].contains(error.errno) {
            // A discipline without a place for classifiers.
            return []
        }
    }
}
