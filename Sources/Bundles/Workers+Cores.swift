import Diagnosis
import Dispatch

extension Workers {
    /// A thread on each core, the one that asks among them.
    public static let cores = Workers { count, work in
        DispatchQueue.concurrentPerform(iterations: count, execute: work)
    }

    /// Begins what nobody waits for on another core: whoever needs it asks for it.
    static func begin(_ work: @escaping @Sendable () -> Void) { DispatchQueue.global().async(execute: work) }
}
