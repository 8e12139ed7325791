import Fabric
import Foundation
import LinuxHost
import Netlink
import Synchronization

/// A thread that looks out for whoever needs the connections of pods to pods, while these are not tracked. It hears of
/// chains at once and looks at the rest every second.
final class ConnectionWatch: Sendable {
    private let isStopped = Mutex(false)

    init(onUser: @escaping @Sendable () -> Void, onFailure: @escaping @Sendable (NetlinkError) -> Void) {
        Thread.detachNewThread { [weak self] in
            do throws(NetlinkError) {
                var watch = try ForeignChainWatch()
                while let here = self, !here.isStopped.withLock({ $0 }) {
                    if try ConnectionUsers.reason() != nil {
                        onUser()
                        // Whoever was told ends this, unless it found nobody any more.
                        Clock.sleep(nanoseconds: 1_000_000_000)
                        continue
                    }
                    if try watch.nextChange(within: 1000) { continue }
                    // What is said of our own tables, with every pod that has host ports, makes no work of its own.
                    Clock.sleep(nanoseconds: 100_000_000)
                }
            } catch {
                onFailure(error)
            }
        }
    }

    func stop() { isStopped.withLock { $0 = true } }
}
