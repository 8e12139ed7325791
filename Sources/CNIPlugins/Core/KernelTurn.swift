import LinuxHost
import SystemCalls

/// One plugin at a time makes links.
///
/// The kernel has one lock for all links, so nothing is lost by taking turns. Much is won: writing
/// `net.ipv6.conf.LINK.disable_ipv6` does not wait for that lock but tries, and is started again until it has it
/// (addrconf_disable_ipv6, net/ipv6/addrconf.c: restart_syscall). Sixteen plugins that start at once burnt three times the
/// CPU they needed, all of it there.
///
/// The turn is a lock on the directory /run, which is there, and the kernel gives it back when the process dies. Whoever
/// does not get it in time (a plugin before it was stopped with a signal) goes on without.
struct KernelTurn: ~Copyable {
    private let lock: FileLock?

    static func wait() -> KernelTurn {
        KernelTurn(lock: try? FileLock.takeDirectory("/run", patience: .seconds(2)))
    }

    consuming func end() {}
}
