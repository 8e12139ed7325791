import Fabric
import Foundation
import LinuxHost
import Netlink
import Synchronization

/// A thread that listens to the kernel and says when the fabric may have changed.
final class KernelWatch: Sendable {
    let names: Set<String>
    private let isStopped = Mutex(false)

    init(
        _ names: Set<String>, removals: OwnRemovals, onChange: @escaping @Sendable () -> Void,
        onFailure: @escaping @Sendable (NetlinkError) -> Void
    ) {
        self.names = names
        Thread.detachNewThread { [weak self] in
            do throws(NetlinkError) {
                var watch = try FabricWatch(interfaces: names, removals: removals)
                while let here = self, !here.isStopped.withLock({ $0 }) {
                    if try watch.nextChange(within: 1000) {
                        // What came together is looked at together.
                        Clock.sleep(nanoseconds: 50_000_000)
                        onChange()
                    }
                }
            } catch {
                onFailure(error)
            }
        }
    }

    func stop() { isStopped.withLock { $0 = true } }
}
