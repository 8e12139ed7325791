import Addressing
import CLinux
import CNI
import LinuxHost
import SystemCalls

/// Whether the host passes packets on between its interfaces.
enum Forwarding {
    private static func setting(_ family: IPFamily) -> SysctlName? {
        SysctlName(family == .v4 ? "net/ipv4/ip_forward" : "net/ipv6/conf/all/forwarding")
    }

    /// Switches forwarding on for the families of these addresses.
    static func enable(for addresses: [CNIResult.IP]) throws(CNIError) {
        for family in IPFamily.allCases where addresses.contains(where: { $0.address.family == family }) {
            guard let name = setting(family) else { continue }
            try Sysctl.set(name, "1")
        }
    }

    /// Nil when IPv4 forwarding is on or can be switched on, else why not.
    static func obstacle() -> String? {
        guard let name = setting(.v4) else { return nil }
        do throws(SystemCallError) {
            if Sysctl.normalized(try Sysctl.read(name)) == "1" { return nil }
            _ = try FileDescriptor.open(name.path, O_WRONLY)
            return nil
        } catch {
            return "\(name) is not 1 and cannot be set: \(error)"
        }
    }
}
