import Dispatch
import JSONTree
import Synchronization
import Testing

@testable import Diagnosis

/// Work on several threads, and what is made once for all of them.
@Suite struct WorkersTests {
    private static let several = Workers { count, work in
        DispatchQueue.concurrentPerform(iterations: count, execute: work)
    }

    @Test(arguments: [0, 1, 2, 1000])
    func whatIsMadeIsInTheOrderOfTheElements(_ count: Int) {
        for workers in [Workers.alone, Self.several] {
            #expect(workers.map(Array(0..<count)) { $0 * 2 } == (0..<count).map { $0 * 2 })
        }
    }

    @Test func aPartIsMadeOnce() {
        let parts = DecodedParts()
        let made = Mutex(0)
        let values = Self.several.map(Array(0..<64)) { number in
            parts.value("key \(number % 2)") { () -> Int in
                made.withLock { $0 += 1 }
                return number % 2
            }
        }
        #expect(values == (0..<64).map { $0 % 2 })
        #expect(made.withLock { $0 } == 2)
    }

    @Test func nothingIsAPartToo() {
        let parts = DecodedParts()
        let first = parts.value("some") { () -> Int? in 1 }
        let none = parts.value("none") { () -> Int? in nil }
        let again = parts.value("none") { () -> Int? in 2 }
        #expect(first == 1)
        #expect(none == nil)
        #expect(again == nil)
    }

    @Test func aDocumentIsReadOnceAndAnewWhenItIsWrittenAnew() throws {
        var document = EvidenceTree.Document(Array("{\"a\": 1}".utf8), from: FactSource("x"))
        let copy = document
        let first = try document.keptJSON()
        let second = try copy.keptJSON()
        #expect(first.isSamePlace(as: second))
        document.bytes = Array("{\"a\": 2}".utf8)
        let third = try document.keptJSON()
        #expect(third.member("a")?.int == 2)
        #expect(throws: JSONSyntaxError.self) {
            _ = try EvidenceTree.Document(Array("{".utf8), from: FactSource("x")).keptJSON()
        }
    }
}
