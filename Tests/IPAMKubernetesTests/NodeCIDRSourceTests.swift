import Addressing
import Foundation
import IPAM
import LinuxHost
import Synchronization
import Testing

@testable import IPAMKubernetes

/// A directory that goes with the value.
final class ScratchDirectory: Sendable {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "poplin-ipam-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}

/// A clock that a test sets, in seconds.
final class TestClock: Sendable {
    private let seconds = Mutex<UInt64>(1000)

    var now: @Sendable () -> UInt64 { { self.seconds.withLock { $0 } } }

    func advance(_ by: UInt64) { seconds.withLock { $0 += by } }
}

func handle(_ container: String) -> AddressHandle {
    AddressHandle(network: "pods", containerID: container, interface: "eth0")
}

func request(_ container: String, static addresses: [String] = [], pools: [String] = []) throws -> AddressRequest {
    AddressRequest(
        handle(container), pod: PodIdentity(namespace: "shop", name: "pod-\(container)", uid: "u-\(container)"),
        staticAddresses: try addresses.map { try IPAddress(parsing: $0) }, pools: pools)
}

@Suite struct NodeCIDRSourceTests {
    private func source(
        _ scratch: ScratchDirectory, _ clock: TestClock, boot: String = "boot-1", ranges: [String] = ["10.244.1.0/29"]
    ) async throws -> NodeCIDRSource {
        let book = try AddressBook(directory: scratch.path, rest: 150, boot: boot, now: clock.now)
        let source = NodeCIDRSource(book, cooldown: 150)
        try await source.setRanges(try ranges.map { try IPPrefix(parsing: $0) })
        return source
    }

    @Test func aPodHasOneAddressOfEachFamilyHoweverOftenItIsAskedFor() async throws {
        let scratch = try ScratchDirectory()
        let source = try await source(scratch, TestClock(), ranges: ["10.244.1.0/24", "fd00:10:244:1::/64"])
        let first = try await source.allocate(request("a"))
        #expect(first.map(\.description) == ["10.244.1.1/32", "fd00:10:244:1::1/128"])
        #expect(try await source.allocate(request("a")) == first)
        #expect(
            try await source.allocate(request("b")).map(\.description) == ["10.244.1.2/32", "fd00:10:244:1::2/128"])
        #expect(await source.tunnelAddresses().map(\.description) == ["10.244.1.0", "fd00:10:244:1::"])
        #expect(await source.allocations().map(\.pod?.name) == ["pod-a", "pod-b", "pod-a", "pod-b"])
    }

    @Test func everythingIsKnownAgainAfterAKill() async throws {
        let scratch = try ScratchDirectory()
        let clock = TestClock()
        let before = try await source(scratch, clock)
        let kept = try await before.allocate(request("a"))
        _ = try await before.allocate(request("b"))
        try await before.release(handle("b"))

        let after = try await source(scratch, clock)
        #expect(await after.addresses(of: handle("a")) == kept)
        #expect(try await after.allocate(request("c")).map(\.description) == ["10.244.1.3/32"])
        let usage = try #require(await after.usage().first)
        #expect(usage.allocated == 2 && usage.cooling == 1 && usage.reserved == 2 && usage.free == 3)
    }

    @Test func anAddressRestsAndAStartOfTheMachineBeginsTheRestAnew() async throws {
        let scratch = try ScratchDirectory()
        let clock = TestClock()
        let before = try await source(scratch, clock)
        for name in ["a", "b", "c", "d", "e", "f"] { _ = try await before.allocate(request(name)) }
        try await before.release(handle("a"))
        clock.advance(149)
        do throws(AddressSourceError) {
            _ = try await before.allocate(AddressRequest(handle("g")))
            Issue.record("10.244.1.1 rests for another second")
        } catch {
            #expect(error.reason == .exhausted)
            #expect(error.message.contains("5 given out, 1 at rest"))
            #expect(error.message.contains("the next is free in 1 s"))
        }
        let rebooted = try await source(scratch, clock, boot: "boot-2")
        clock.advance(149)
        await #expect(throws: AddressSourceError.self) { try await rebooted.allocate(request("g")) }
        clock.advance(1)
        #expect(try await rebooted.allocate(request("g")).map(\.description) == ["10.244.1.1/32"])
    }

    @Test func whatNobodyHoldsAnyMoreIsGivenBack() async throws {
        let scratch = try ScratchDirectory()
        let source = try await source(scratch, TestClock())
        for name in ["a", "b", "c"] { _ = try await source.allocate(request(name)) }
        let released = try await source.release(allBut: [handle("b")])
        #expect(released.map(\.description) == ["10.244.1.1", "10.244.1.3"])
        #expect(await source.allocations().map(\.handle) == [handle("b")])
    }

    @Test func anotherRangeTakesOverAndTheOldOneGoesWithItsLastPod() async throws {
        let scratch = try ScratchDirectory()
        let clock = TestClock()
        let source = try await source(scratch, clock)
        _ = try await source.allocate(request("old"))
        let other = [try IPPrefix(parsing: "10.244.9.0/29")]
        try await source.setRanges(other)
        #expect(try await source.allocate(request("new")).map(\.description) == ["10.244.9.1/32"])
        #expect(await source.ranges() == other)
        #expect(await source.usage().count == 2)
        try await source.release(handle("old"))
        clock.advance(150)
        try await source.setRanges(other)
        #expect(await source.usage().map(\.range) == other)
    }

    @Test func aStaticAddressOfTheRangeIsGivenToOnePodOnly() async throws {
        let scratch = try ScratchDirectory()
        let source = try await source(scratch, TestClock())
        #expect(try await source.allocate(request("a", static: ["10.244.1.5"])).map(\.description) == ["10.244.1.5/32"])
        for (wanted, sentence) in [
            ("10.244.1.5", "10.244.1.5 belongs to pod shop/pod-a (pods/a/eth0)"),
            ("10.9.9.9", "10.9.9.9 that the pod asks for is in none of this node's ranges (10.244.1.0/29)"),
        ] {
            do throws(AddressSourceError) {
                _ = try await source.allocate(
                    AddressRequest(handle("b"), staticAddresses: [IPAddress(wanted)].compactMap { $0 }))
                Issue.record("\(wanted) cannot be had")
            } catch {
                #expect(error.reason == .unavailable)
                #expect(error.message.contains(sentence), "\(error)")
            }
        }
        #expect(await source.addresses(of: handle("b")).isEmpty)
    }

    @Test func aRecordThatCannotBeWrittenGivesNothingOut() async throws {
        let scratch = try ScratchDirectory()
        let source = try await source(scratch, TestClock())
        _ = try await source.allocate(request("a"))
        try FileManager.default.removeItem(atPath: scratch.path)
        try Data().write(to: URL(fileURLWithPath: scratch.path))
        do throws(AddressSourceError) {
            _ = try await source.allocate(AddressRequest(handle("b")))
            Issue.record("there is no place for the record")
        } catch {
            #expect(error.reason == .storage)
        }
        #expect(await source.addresses(of: handle("b")).isEmpty)
        // What is given back is given back all the same.
        #expect(try await source.release(handle("a")).map(\.description) == ["10.244.1.1"])
    }

    // MARK: The changes behind the record

    private func log(_ scratch: ScratchDirectory) throws -> String {
        try String(contentsOfFile: "\(scratch.path)/addresses.log", encoding: .utf8)
    }

    @Test func aChangeIsALineBehindTheRecord() async throws {
        let scratch = try ScratchDirectory()
        let clock = TestClock()
        let source = try await source(scratch, clock)
        let record = try Data(contentsOf: URL(fileURLWithPath: "\(scratch.path)/addresses.json"))
        _ = try await source.allocate(request("a"))
        // The same again changes nothing.
        _ = try await source.allocate(request("a"))
        try await source.release(handle("a"))
        #expect(try Data(contentsOf: URL(fileURLWithPath: "\(scratch.path)/addresses.json")) == record)
        let lines = try log(scratch).split(separator: "\n")
        #expect(lines.count == 3)
        #expect(
            lines[1] == """
                [{"address":"10.244.1.1","handle":"pods/a/eth0","sequence":1,"namespace":"shop","name":"pod-a",\
                "uid":"u-a","range":"10.244.1.0/29"}]
                """)
        #expect(lines[2] == #"[{"address":"10.244.1.1","until":1150,"sequence":2,"range":"10.244.1.0/29"}]"#)
    }

    /// A kill while a line is written: nobody was told of it.
    @Test func aLineWithoutItsEndIsNone() async throws {
        let scratch = try ScratchDirectory()
        let clock = TestClock()
        let before = try await source(scratch, clock)
        let kept = try await before.allocate(request("a"))
        let whole = try log(scratch)
        _ = try await before.allocate(request("b"))
        let longer = try log(scratch)
        for length in [whole.utf8.count, whole.utf8.count + 1, longer.utf8.count - 1] {
            try Data(longer.utf8.prefix(length)).write(to: URL(fileURLWithPath: "\(scratch.path)/addresses.log"))
            let after = try AddressBook(directory: scratch.path, rest: 150, boot: "boot-1", now: clock.now)
            #expect(after.ledger.handles == ["pods/a/eth0"])
            #expect(after.ledger.interfaceAddresses(of: handle("a")) == kept)
        }
    }

    /// A kill after everything was written anew and before its changes begin anew.
    @Test func changesOfARecordBeforeAreInTheOneThatIsThere() async throws {
        let scratch = try ScratchDirectory()
        let clock = TestClock()
        let before = try await source(scratch, clock)
        _ = try await before.allocate(request("a"))
        let old = try log(scratch)
        let after = try await source(scratch, clock)
        // The first change of another process writes everything.
        try await after.release(handle("a"))
        try Data(old.utf8).write(to: URL(fileURLWithPath: "\(scratch.path)/addresses.log"))
        let last = try AddressBook(directory: scratch.path, rest: 150, boot: "boot-1", now: clock.now)
        #expect(last.ledger.handles == [])
        #expect(last.ledger.usages.first?.cooling == 1)
    }

    @Test func manyChangesAreWrittenTogetherNowAndThen() async throws {
        let scratch = try ScratchDirectory()
        let clock = TestClock()
        let source = try await source(scratch, clock, ranges: ["10.244.1.0/24"])
        for round in 0..<600 {
            _ = try await source.allocate(request("c\(round)"))
            if round >= 100 { try await source.release(handle("c\(round - 100)")) }
            clock.advance(2)
        }
        #expect(try log(scratch).utf8.count <= 64 << 10)
        let after = try AddressBook(directory: scratch.path, rest: 150, boot: "boot-1", now: clock.now)
        let held = await source.allocations()
        #expect(held.count == 100)
        #expect(
            after.ledger.addressAllocations.sorted { $0.address < $1.address }.map(\.handle)
                == held.sorted { $0.address < $1.address }.map(\.handle))
    }

    @Test func aDamagedLineIsNamedAsLongAsPodsMayHaveItsAddress() async throws {
        let scratch = try ScratchDirectory()
        let clock = TestClock()
        let before = try await source(scratch, clock)
        _ = try await before.allocate(request("a"))
        try Data("\(try log(scratch))[{\n".utf8).write(to: URL(fileURLWithPath: "\(scratch.path)/addresses.log"))
        #expect(throws: AddressSourceError.self) {
            try AddressBook(directory: scratch.path, rest: 150, boot: "boot-1", now: clock.now)
        }
        // After the machine went down it is what had not reached the disk.
        let rebooted = try AddressBook(directory: scratch.path, rest: 150, boot: "boot-2", now: clock.now)
        #expect(rebooted.ledger.handles.isEmpty)
    }

    @Test func aRecordOfTheVersionBeforeIsRead() async throws {
        let scratch = try ScratchDirectory()
        let clock = TestClock()
        let text = """
            {"version":1,"boot":"boot-1","blocks":[{"range":"10.244.1.0/29","sequence":1,"allocated":[{"address":\
            "10.244.1.1","handle":"pods/a/eth0","sequence":1}],"resting":[],"idle":[],"pool":""}]}
            """
        try Data(text.utf8).write(to: URL(fileURLWithPath: "\(scratch.path)/addresses.json"))
        let source = try await source(scratch, clock)
        #expect(try await source.allocate(request("a")).map(\.description) == ["10.244.1.1/32"])
        #expect(try await source.allocate(request("b")).map(\.description) == ["10.244.1.2/32"])
    }

    @Test func aDamagedRecordIsNamedAndNotReplaced() throws {
        let scratch = try ScratchDirectory()
        let path = "\(scratch.path)/addresses.json"
        try Data("{\"version\": 7}".utf8).write(to: URL(fileURLWithPath: path))
        let error = #expect(throws: AddressSourceError.self) {
            try AddressBook(directory: scratch.path, rest: 150, boot: "b", now: { 0 })
        }
        #expect(error?.message.contains(path) == true)
        #expect(error?.message.contains("version 7") == true)
        #expect(FileManager.default.fileExists(atPath: path))
    }
}
