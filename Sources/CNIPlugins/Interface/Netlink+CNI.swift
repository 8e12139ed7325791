import CNI
import LinuxHost
import Netlink
import SystemCalls

/// Runs `body` and turns what the kernel refuses into a CNI error that says what was being done.
func kernel<Result: ~Copyable>(
    _ activity: String? = nil, _ body: () throws(NetlinkError) -> Result
) throws(CNIError) -> Result {
    do throws(NetlinkError) { return try body() } catch { throw CNIError(error, during: activity) }
}

extension NetworkNamespace {
    /// Runs `body` with the thread in this namespace and a socket opened there.
    borrowing func withSocket<Result>(
        _ body: (inout RouteSocket) throws(CNIError) -> Result
    ) throws(CNIError) -> Result {
        do throws(RunFailure<CNIError>) {
            return try run { () throws(CNIError) -> Result in
                var socket = try kernel { () throws(NetlinkError) in try RouteSocket() }
                return try body(&socket)
            }
        } catch {
            throw CNIError(error)
        }
    }
}

extension RequestBatch {
    /// Sets a link up that only passes frames on: a port of a bridge, an ifb. It gets no IPv6 of its own, in the
    /// thread's namespace, because every link that has it adds a route of the same prefix (ff00::/8) and the kernel
    /// walks all of them whenever any link comes or goes: with a thousand pods that costs more than the pod itself.
    mutating func raiseWithoutIPv6(_ name: String) {
        var change = LinkChange(isUp: true)
        if let setting = Sysctl.interface(name, "ipv6", "disable_ipv6") {
            do throws(SystemCallError) {
                try Sysctl.write(setting, "1")
            } catch {
                // ENOENT: a kernel without IPv6. Otherwise /proc/sys is read-only here, and no address is the next best.
                if error.errno != .ENOENT { change.makesLinkLocalAddress = false }
            }
        }
        self.change(.name(name), change)
    }
}

extension Sysctl {
    /// Sets a setting of an interface in the thread's namespace. A kernel without the setting (no IPv6, or older
    /// than it) has nothing to set.
    static func set(_ interface: String, _ family: String, _ key: String, _ value: String) throws(CNIError) {
        guard let name = Sysctl.interface(interface, family, key) else { return }
        try set(name, value)
    }

    static func set(_ name: SysctlName, _ value: String) throws(CNIError) {
        do throws(SystemCallError) {
            try change(name, to: value)
        } catch {
            if error.errno == .ENOENT { return }
            throw CNIError(error, during: "cannot set \(name) to \(value)")
        }
    }
}
