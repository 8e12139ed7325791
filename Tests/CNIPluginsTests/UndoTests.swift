import CNI
import Synchronization
import Testing

@testable import CNIPlugins

@Suite struct UndoTests {
    final class Trail: Sendable {
        private let entries = Mutex<[Int]>([])
        var taken: [Int] { entries.withLock { $0 } }
        func take(_ step: Int) { entries.withLock { $0.append(step) } }
    }

    @Test func successTakesNothingBack() throws {
        let trail = Trail()
        let answer = try Undo.guarding { (undo) throws(CNIError) in
            undo.push("undo 1") { () throws(CNIError) in trail.take(1) }
            return 7
        }
        #expect(answer == 7)
        #expect(trail.taken.isEmpty)
    }

    @Test func failureTakesBackInReverseAndGoesOn() {
        let trail = Trail()
        let error = #expect(throws: CNIError.self) {
            try Undo.guarding { (undo) throws(CNIError) in
                undo.push("delete link a") { () throws(CNIError) in trail.take(1) }
                undo.push("remove the rules") { () throws(CNIError) in throw CNIError(.kernelRefused, "no") }
                undo.push("release the addresses") { () throws(CNIError) in trail.take(3) }
                throw CNIError(.alreadyTaken, "eth0 exists", details: "d")
            }
        }
        #expect(trail.taken == [3, 1])
        #expect(error?.code == .alreadyTaken)
        #expect(error?.message == "eth0 exists")
        #expect(error?.details == "d\ncould not remove the rules: no (code 100)")
    }
}
