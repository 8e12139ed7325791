import Foundation

/// Runs a command that asks a server on a thread of its own. Commands wait for tasks of their own; on a machine of two
/// cores two such waits on the threads that tasks run on leave nobody to answer them.
func onOwnThread<Result: Sendable>(_ body: @escaping @Sendable () -> Result) async -> Result {
    await withCheckedContinuation { continuation in
        let thread = Thread { continuation.resume(returning: body()) }
        // What a main thread has.
        thread.stackSize = 8 << 20
        thread.start()
    }
}
