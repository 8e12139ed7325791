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

extension Sysctl {
    /// Sets a setting of an interface in the thread's namespace. A kernel without the setting (no IPv6, or older
    /// than it) has nothing to set.
    static func set(_ interface: String, _ family: String, _ key: String, _ value: String) throws(CNIError) {
        guard let name = Sysctl.interface(interface, family, key) else { return }
        try set(name, value)
    }

    static func set(_ name: SysctlName, _ value: String) throws(CNIError) {
        do throws(SystemCallError) {
            try writeIfDifferent(name, value)
        } catch {
            if error.errno == .ENOENT { return }
            throw CNIError(error, during: "cannot set \(name) to \(value)")
        }
    }
}
