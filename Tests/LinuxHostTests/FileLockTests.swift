import Foundation
import SystemCalls
import Testing

@testable import LinuxHost

@Suite struct FileLockTests {
    let scratch = Scratch()

    @Test func excludesOthersUntilItsOwnerIsGone() throws {
        do {
            let held = try FileLock.take(scratch("lock"))
            #expect(throws: SystemCallError("flock", .ETIMEDOUT, on: scratch("lock"))) {
                _ = try FileLock.take(scratch("lock"), patience: .milliseconds(5))
            }
            held.release()
        }
        _ = try FileLock.take(scratch("lock"), patience: .zero)
        _ = try FileLock.takeDirectory(scratch.path, patience: .zero)
    }

    /// As between the fork and the exec of a child that somebody else in this process is just starting.
    @Test func aCopyOfTheDescriptorDoesNotKeepIt() throws {
        let held = try FileLock.take(scratch("lock"))
        let copy = FileDescriptor(owning: dup(held.file.rawValue))
        held.release()
        _ = try FileLock.take(scratch("lock"), patience: .zero)
        _ = copy.rawValue
    }

    @Test func sharedLocksShare() throws {
        let first = try FileLock.take(scratch("lock"), .shared)
        let second = try FileLock.take(scratch("lock"), .shared, patience: .zero)
        #expect(throws: SystemCallError.self) { _ = try FileLock.take(scratch("lock"), patience: .zero) }
        first.release()
        second.release()
    }

    /// Someone removes the directory of a network and makes it again while we wait for its lock.
    @Test func aLockFileMadeAgainIsTheOneThatCounts() throws {
        let path = scratch("lock")
        let counter = Counter()
        DispatchQueue.concurrentPerform(iterations: 8) { _ in
            for _ in 0..<50 {
                let lock = try! FileLock.take(path)
                // Whoever holds the lock may read, add one and write without losing anybody's.
                let count = Int(String(decoding: (try! AtomicFile.read(path + ".count")) ?? [0x30], as: UTF8.self))!
                try! AtomicFile.write(path + ".count", "\(count + 1)".utf8)
                if count % 7 == 0 { try? FileSystem.unlink(path) }
                counter.increment()
                lock.release()
            }
        }
        #expect(scratch.text("lock.count") == "400")
    }
}
