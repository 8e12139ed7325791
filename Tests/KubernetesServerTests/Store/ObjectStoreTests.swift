import JSONTree
import SystemCalls
import Testing

@testable import KubernetesServer

@Suite struct ObjectStoreTests {
    @Test func whatIsWrittenIsReadWithItsRevision() async throws {
        let scratch = try ScratchStore()
        let made = try await scratch.put("a", #"{"metadata":{"name":"a"},"spec":{"x":1.50}}"#)
        #expect(made.revision == 2)
        let read = try await scratch.store.object(scratch.key("a"))
        #expect(read == made)
        #expect(
            read?.text == #"{"metadata":{"resourceVersion":"2","name":"a"},"spec":{"x":1.50}}"#)
        let again = try await scratch.put("a", read?.text ?? "")
        #expect(again.text == #"{"metadata":{"resourceVersion":"3","name":"a"},"spec":{"x":1.50}}"#)
        #expect(scratch.store.revision == 3)
    }

    @Test func aRefusalWritesNothing() async throws {
        struct Refusal: Error, Equatable {}
        let scratch = try ScratchStore()
        let key = scratch.key("a")
        await #expect(throws: (any Error).self) {
            try await scratch.store.write { transaction throws(Refusal) in
                transaction.put(key, uid: "u", Array("{}".utf8))
                throw Refusal()
            }
        }
        #expect(try await scratch.store.object(key) == nil)
        #expect(scratch.store.revision == 1)
    }

    @Test func aTransactionSeesItsOwnWritesAndCommitsThemTogether() async throws {
        let scratch = try ScratchStore()
        try await scratch.put("b", "{}")
        let (a, b, c) = (scratch.key("a"), scratch.key("b"), scratch.key("c"))
        let seen = try await scratch.store.write { transaction in
            transaction.put(a, uid: "a", Array("{}".utf8))
            transaction.put(c, uid: "c", Array("{}".utf8))
            transaction.delete(b)
            transaction.put(a, uid: "a", Array(#"{"second":true}"#.utf8))
            return (transaction.objects("pods").map(\.key.name), transaction.object(b) == nil)
        }
        #expect(seen.0 == ["a", "c"])
        #expect(seen.1)
        let list = try await scratch.store.list(ListQuery("pods"))
        #expect(list.objects.map(\.key.name) == ["a", "c"])
        #expect(list.objects.first?.text == #"{"metadata":{"resourceVersion":"6"},"second":true}"#)
        #expect(list.revision == 6)
    }

    /// Optimistic concurrency as the API server does it: read, compare, write; nobody's addition is lost.
    @Test func concurrentReadModifyWritesDoNotLoseEachOther() async throws {
        let scratch = try ScratchStore()
        let key = scratch.key("counter")
        try await scratch.put("counter", #"{"n":0}"#)
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<500 {
                group.addTask {
                    _ = try? await scratch.store.write { transaction in
                        let count = transaction.object(key)?.tree?.root["n"]?.int ?? -1
                        transaction.put(key, uid: "u", Array(#"{"n":\#(count + 1)}"#.utf8))
                    }
                }
            }
        }
        #expect(try await scratch.store.object(key)?.tree?.root["n"]?.int == 500)
        #expect(scratch.store.revision == 502)
    }

    @Test func nothingIsLostByARestart() async throws {
        let scratch = try ScratchStore()
        for number in 0..<20 { try await scratch.put("p\(number)", #"{"n":\#(number)}"#) }
        try await scratch.delete("p7")
        let before = try await scratch.store.list(ListQuery("pods"))
        try scratch.reopen()
        let after = try await scratch.store.list(ListQuery("pods"))
        #expect(after.objects == before.objects)
        #expect(after.revision == before.revision)
        #expect(after.objects.count == 19)
        #expect(try await scratch.put("new", "{}").revision == before.revision + 1)
    }

    /// A revision must never be given twice, also when the object that had the last one is gone and forgotten.
    @Test func revisionsGrowOverCompactionAndRestart() async throws {
        let scratch = try ScratchStore()
        try await scratch.put("a", "{}")
        try await scratch.delete("a")
        try await scratch.store.compact(upTo: .max)
        try scratch.reopen()
        #expect(scratch.store.revision == 3)
        #expect(scratch.store.compacted == 3)
        #expect(try await scratch.put("a", "{}").revision == 4)
    }

    @Test func namesAreDataAndNotSQL() async throws {
        let scratch = try ScratchStore()
        let names = [
            "'; DROP TABLE versions; --", "%", "_", "\"", "a\\b", "ä", "\u{1F600}", String(repeating: "x", count: 5000),
        ]
        for name in names { try await scratch.put(name, "{}") }
        for name in names { #expect(try await scratch.store.object(scratch.key(name))?.key.name == name) }
        let list = try await scratch.store.list(ListQuery("pods"))
        let sorted = names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        #expect(list.objects.map(\.key.name) == sorted)
        #expect(try await scratch.store.list(ListQuery("pods", namespace: "' OR 1=1 --")).objects.isEmpty)
    }

    @Test func aNameWithANULIsRefusedAndFindsNothing() async throws {
        let scratch = try ScratchStore()
        try await scratch.put("a", "{}")
        #expect(try await scratch.store.object(scratch.key("a\0b")) == nil)
        await #expect(throws: WriteFailure<Never>.self) { try await scratch.put("a\0b", "{}") }
        #expect(try await scratch.store.list(ListQuery("pods")).objects.count == 1)
    }

    @Test func aClosedStoreSaysSo() async throws {
        let scratch = try ScratchStore()
        scratch.store.close()
        scratch.store.close()
        await #expect(throws: StoreFailure.closed) { try await scratch.store.object(scratch.key("a")) }
        await #expect(throws: WriteFailure<Never>.self) { try await scratch.put("a", "{}") }
    }
}

@Suite struct StoreFileTests {
    @Test func aSecondStoreOnTheDirectoryIsRefusedAndNamesTheHolder() throws {
        let scratch = try ScratchStore()
        var said = ""
        do throws(StoreFailure) {
            _ = try ObjectStore(directory: scratch.directory)
        } catch {
            said = error.description
        }
        #expect(said.contains("in use by process "))
        scratch.store.close()
        _ = try ObjectStore(directory: scratch.directory)
    }

    @Test func aFileOfANewerFormatIsRefused() throws {
        let scratch = try ScratchStore()
        // "user version number" of the file's header (sqlite.org/fileformat2.html, 1.3).
        try scratch.poke(60, [0, 0, 0, 99])
        #expect(throws: StoreFailure.newer(path: scratch.store.database.path, version: 99, supported: 1)) {
            try scratch.reopen()
        }
    }

    @Test func anotherProgramsDatabaseIsLeftAlone() throws {
        let scratch = try ScratchStore()
        try scratch.poke(68, [0, 0, 0, 7])
        #expect(throws: StoreFailure.self) { try scratch.reopen() }
    }

    @Test func aDamagedFileIsNamedWithWhatToDo() throws {
        let scratch = try ScratchStore()
        let path = scratch.store.database.path
        scratch.store.close()
        for tail in ["", "-wal", "-shm"] { try? FileSystem.unlink(path + tail) }
        try FileDescriptor.open(path, 0o1101, mode: 0o600).writeAll(
            Array("not a database, but long enough to be read as a header of one ...................".utf8))
        var said = ""
        do {
            try scratch.reopen()
        } catch {
            said = "\(error)"
        }
        #expect(said.contains("is damaged"))
        #expect(said.contains("move it away"))
    }
}
