import Addressing
import Foundation
import Testing

@testable import IPAM

/// A data directory of its own, removed with the value.
final class Place {
    let path: String
    let store: ReservationStore

    init() {
        path = NSTemporaryDirectory() + "pt-ipam-\(UUID().uuidString)"
        store = ReservationStore(dataDirectory: path, network: "net")
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// As the reference writes it, or a person.
    func write(_ address: String, _ text: String, age: TimeInterval = 0) throws {
        try FileManager.default.createDirectory(atPath: store.directory, withIntermediateDirectories: true)
        try Data(text.utf8).write(to: URL(fileURLWithPath: "\(store.directory)/\(address)"))
        if age > 0 { try setAge(address, age) }
    }

    func setAge(_ address: String, _ age: TimeInterval) throws {
        try FileManager.default.setAttributes(
            [.modificationDate: Date(timeIntervalSinceNow: -age)], ofItemAtPath: "\(store.directory)/\(address)")
    }

    func remove(_ address: String) throws {
        try FileManager.default.removeItem(atPath: "\(store.directory)/\(address)")
    }

    func read(_ address: String) -> String? {
        FileManager.default.contents(atPath: "\(store.directory)/\(address)").map {
            String(decoding: $0, as: UTF8.self)
        }
    }

    /// The reservations alone.
    var addresses: [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: store.directory)) ?? [])
            .filter { IPAddress($0) != nil }.sorted()
    }

    func reserve(
        _ container: String, _ interface: String = "eth0", from sets: [RangeSet], requested: [String] = [],
        namespace: String? = nil
    ) throws(IPAMError) -> [String] {
        try store.reserve(
            for: AddressHolder(containerID: container, interfaceName: interface), from: sets,
            requested: requested.map(ip), namespace: namespace
        ).value.map(\.address.description)
    }

    @discardableResult
    func release(_ container: String, _ interface: String = "eth0") throws -> [String] {
        try store.release(AddressHolder(containerID: container, interfaceName: interface)).value.map(\.description)
    }
}

func ip(_ text: String) -> IPAddress {
    guard let address = IPAddress(text) else { fatalError("not an address: \(text)") }
    return address
}

func set(_ subnet: String, _ start: String? = nil, _ end: String? = nil, gateway: String? = nil) -> RangeSet {
    do {
        let subnet = try IPPrefix(parsing: subnet)
        return try RangeSet([
            AddressRange(
                subnet: subnet, rangeStart: start.map(ip), rangeEnd: end.map(ip), gateway: gateway.map(ip))
        ])
    } catch {
        fatalError("\(error)")
    }
}

@Suite("Reservation store") struct ReservationStoreTests {
    let place = Place()
    let small = set("10.1.0.0/29")
    let six = set("fd00:1::/64")

    @Test("Files are what the reference writes and reads") func format() throws {
        #expect(try place.reserve("one", from: [small, six]) == ["10.1.0.2/29", "fd00:1::2/64"])
        #expect(place.read("10.1.0.2") == "one\r\neth0")
        #expect(place.read("fd00:1::2") == "one\r\neth0")
        #expect(place.read("last_reserved_ip.0") == "10.1.0.2")
        #expect(place.read("last_reserved_ip.1") == "fd00:1::2")
        let names = try FileManager.default.contentsOfDirectory(atPath: place.store.directory)
        #expect(names.sorted() == ["10.1.0.2", "fd00:1::2", "last_reserved_ip.0", "last_reserved_ip.1", "lock"])
        #expect(try place.release("one") == ["10.1.0.2", "fd00:1::2"])
        #expect(place.addresses.isEmpty)
    }

    @Test("Addresses go round: what was released is used last") func round() throws {
        #expect(try place.reserve("a", from: [small]) == ["10.1.0.2/29"])
        #expect(try place.reserve("b", from: [small]) == ["10.1.0.3/29"])
        try place.release("a")
        #expect(try place.reserve("c", from: [small]) == ["10.1.0.4/29"])
        #expect(try place.reserve("d", from: [small]) == ["10.1.0.5/29"])
        #expect(try place.reserve("e", from: [small]) == ["10.1.0.6/29"])
        #expect(try place.reserve("f", from: [small]) == ["10.1.0.2/29"])
    }

    @Test("A second DEL, and one for a network that never was, make nothing") func repeatedRelease() throws {
        #expect(try place.release("a") == [])
        #expect(!FileManager.default.fileExists(atPath: place.path))
        _ = try place.reserve("a", from: [small])
        #expect(try place.release("a") == ["10.1.0.2"])
        #expect(try place.release("a") == [])
    }

    @Test("Interfaces of one container hold apart") func interfaces() throws {
        _ = try place.reserve("a", "eth0", from: [small])
        _ = try place.reserve("a", "eth1", from: [small])
        #expect(try place.release("a", "eth0") == ["10.1.0.2"])
        #expect(place.addresses == ["10.1.0.3"])
    }

    @Test("The same ADD twice is refused and changes nothing") func duplicate() throws {
        _ = try place.reserve("a", from: [small])
        let error = #expect(throws: IPAMError.self) { try place.reserve("a", from: [small]) }
        #expect(
            error
                == .alreadyReserved(
                    AddressHolder(containerID: "a", interfaceName: "eth0"), [ip("10.1.0.2")]))
        #expect(place.addresses == ["10.1.0.2"])
    }

    @Test("The same holder may have addresses of other ranges of the network; one DEL gives back all")
    func otherRanges() throws {
        _ = try place.reserve("a", from: [small])
        #expect(try place.reserve("a", from: [six]) == ["fd00:1::2/64"])
        #expect(try place.release("a") == ["10.1.0.2", "fd00:1::2"])
    }

    @Test("Requested addresses: given, taken, gateway, broadcast, nowhere") func requested() throws {
        #expect(
            try place.reserve("a", from: [small, six], requested: ["fd00:1::77"]) == ["10.1.0.2/29", "fd00:1::77/64"])
        let holder = AddressHolder(containerID: "a", interfaceName: "eth0")
        #expect(throws: IPAMError.taken(ip("10.1.0.2"), by: holder)) {
            try place.reserve("b", from: [small], requested: ["10.1.0.2"])
        }
        for bad in ["10.1.0.1", "10.9.0.1"] {
            #expect(throws: IPAMError.self) { try place.reserve("b", from: [small], requested: [bad]) }
        }
        let wide = set("10.1.0.0/29", "10.1.0.0", "10.1.0.7")
        for bad in ["10.1.0.0", "10.1.0.7"] {
            #expect(throws: IPAMError.self) { try place.reserve("b", from: [wide], requested: [bad]) }
        }
        #expect(place.addresses == ["10.1.0.2", "fd00:1::77"])
        // The round goes on behind a requested address, as the reference's does.
        #expect(try place.reserve("c", from: [small, six]) == ["10.1.0.3/29", "fd00:1::78/64"])
    }

    @Test("Two sets: when the second cannot supply, the first keeps nothing") func allOrNothing() throws {
        _ = try place.reserve("a", from: [set("10.2.0.0/30")])
        #expect(throws: IPAMError.self) { try place.reserve("b", from: [small, set("10.2.0.0/30")]) }
        #expect(place.addresses == ["10.2.0.2"])
        #expect(try place.store.addresses(of: AddressHolder(containerID: "b", interfaceName: "eth0")) == [])
        #expect(try place.release("b") == [])
        #expect(throws: IPAMError.self) {
            try place.reserve("b", from: [small, six], requested: ["10.1.0.4", "10.1.0.5"])
        }
        #expect(place.addresses == ["10.2.0.2"])
    }

    @Test("Exhaustion tells range, size, use, the three oldest holders and the next command") func exhaustion() throws {
        for (index, container) in ["a", "b", "c", "d", "e"].enumerated() {
            _ = try place.reserve(container, from: [small])
            try place.setAge("10.1.0.\(2 + index)", Double([100, 90_000, 7_200, 5, 4_000][index]))
        }
        let error = #expect(throws: IPAMError.self) { try place.reserve("f", from: [small]) }
        guard case .exhausted(let report) = error else { Issue.record("\(String(describing: error))"); return }
        #expect(report.used == 5 && report.set.capacity == 5)
        #expect(report.oldest.map(\.holder?.containerID) == ["b", "c", "e"])
        #expect(
            report.summary == "no address is left in 10.1.0.1-10.1.0.6 of 10.1.0.0/29: 5 of 5 are reserved")
        #expect(
            report.details == """
                range 10.1.0.1-10.1.0.6 of 10.1.0.0/29, size 5, used 5, reservations in \(place.store.directory)
                oldest reservations:
                  10.1.0.3  1d 1h  b eth0
                  10.1.0.4  2h 0m  c eth0
                  10.1.0.6  1h 6m  e eth0
                next: `poplin cni gc net` gives back what no container holds, or add a range to `ranges`
                """)
        #expect(throws: IPAMError.self) { try place.store.probe([small]) }
        try place.release("c")
        try place.store.probe([small])
        #expect(try place.reserve("f", from: [small]) == ["10.1.0.4/29"])
    }

    @Test("STATUS: makes nothing, and fails where nothing can be written") func probe() throws {
        try place.store.probe([small])
        #expect(!FileManager.default.fileExists(atPath: place.path))
        let nowhere = ReservationStore(dataDirectory: "/proc/sys", network: "net")
        #expect(throws: IPAMError.self) { try nowhere.probe([small]) }
    }

    @Test("P#498: a zero-byte reservation is a lost address no more") func emptyReservations() throws {
        try place.write("10.1.0.2", "", age: 3_600)
        try place.write("10.1.0.3", "")
        try place.write("10.1.0.4", "\0\0\0\0", age: 3_600)
        try place.write("10.1.0.5", "kept for the printer", age: 3_600)
        let outcome = try place.store.reserve(
            for: AddressHolder(containerID: "a", interfaceName: "eth0"), from: [small])
        #expect(outcome.value.map(\.address.description) == ["10.1.0.2/29"])
        #expect(outcome.notices.count == 2)
        // The young one might be being written by somebody without the lock; the note is a person's.
        #expect(place.addresses == ["10.1.0.2", "10.1.0.3", "10.1.0.5"])
        #expect(try place.reserve("b", from: [small]) == ["10.1.0.4/29"])
        #expect(try place.reserve("c", from: [small]) == ["10.1.0.6/29"])
        try place.setAge("10.1.0.3", 3_600)
        #expect(try place.reserve("d", from: [small]) == ["10.1.0.3/29"])
        let error = #expect(throws: IPAMError.self) { try place.reserve("e", from: [small]) }
        guard case .exhausted(let report) = error else { Issue.record("\(String(describing: error))"); return }
        #expect(report.foreign == [ip("10.1.0.5")])
    }

    @Test("P#1047: GC gives back what is not valid, old formats included") func garbage() throws {
        _ = try place.reserve("a", from: [small])
        _ = try place.reserve("b", from: [small, six])
        try place.write("10.1.0.4", "old")
        try place.write("10.1.0.5", "older")
        try place.write("10.1.0.6", "")
        try place.write("10.9.0.9", "gone\r\neth0")
        let valid = [
            AddressHolder(containerID: "a", interfaceName: "eth0"),
            AddressHolder(containerID: "b", interfaceName: "eth1"),
            AddressHolder(containerID: "old", interfaceName: "eth0"),
        ]
        let outcome = try place.store.collectGarbage(keeping: valid)
        #expect(outcome.value.map(\.description) == ["10.1.0.3", "10.1.0.5", "10.9.0.9", "fd00:1::2"])
        #expect(place.addresses == ["10.1.0.2", "10.1.0.4"])
        #expect(try place.release("b") == [])
        #expect(try place.release("old") == ["10.1.0.4"])
        #expect(try place.store.collectGarbage(keeping: []).value.map(\.description) == ["10.1.0.2"])
        let nothing = ReservationStore(dataDirectory: place.path, network: "other")
        #expect(try nothing.collectGarbage(keeping: []).value.isEmpty)
    }

    @Test("CHECK is exact: the address, the container and the interface") func check() throws {
        let holder = AddressHolder(containerID: "a", interfaceName: "eth0")
        let address = ip("10.1.0.2")
        #expect(throws: IPAMError.self) { try place.store.check(holder, has: [address]) }
        _ = try place.reserve("a", from: [small])
        try place.store.check(holder, has: [address])
        #expect(throws: IPAMError.notReserved(holder, [ip("10.1.0.3")], heldBy: [:])) {
            try place.store.check(holder, has: [address, ip("10.1.0.3")])
        }
        let other = AddressHolder(containerID: "a", interfaceName: "eth1")
        #expect(throws: IPAMError.notReserved(other, [address], heldBy: [address: holder])) {
            try place.store.check(other, has: [address])
        }
        try place.remove("10.1.0.2")
        #expect(throws: IPAMError.self) { try place.store.check(holder, has: []) }
    }

    @Test("P#252: a container that returns after a restart of the machine gets an address") func restart() throws {
        try place.write("10.1.0.2", "a\r\neth0", age: 10 * 365 * 86_400)
        #expect(try place.reserve("a", "eth1", from: [small]) == ["10.1.0.3/29"])
        #expect(try place.reserve("a", from: [small]) == ["10.1.0.4/29"])
        #expect(place.addresses == ["10.1.0.3", "10.1.0.4"])
    }

    @Test("An exhausted pool takes back what an earlier boot left, and only that") func earlierBoot() throws {
        let tiny = set("10.1.0.0/30")
        _ = try place.reserve("a", from: [tiny])
        // Made by another plugin before the machine's start, but first seen under this boot: the clock may be wrong.
        try place.setAge("10.1.0.2", 10 * 365 * 86_400)
        #expect(throws: IPAMError.self) { try place.reserve("b", from: [tiny]) }
        try replaceRecord(of: "a", "1 00000000 0 10.1.0.2")
        #expect(try place.reserve("b", from: [tiny]) == ["10.1.0.2/30"])
        // From an earlier boot by its record, but written since.
        try replaceRecord(of: "b", "1 00000000 0 10.1.0.2")
        #expect(throws: IPAMError.self) { try place.reserve("c", from: [tiny]) }
        #expect(throws: IPAMError.self) { try place.store.probe([tiny]) }
    }

    /// Leaves the index fresh: the record's directory is not the network's.
    private func replaceRecord(of container: String, _ text: String) throws {
        let link = "\(place.path)/.poplin/net/by/\(container):eth0"
        try FileManager.default.removeItem(atPath: link)
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: text)
    }

    @Test("A namespace that somebody is in keeps its address, however full the pool is") func liveNamespace() throws {
        let tiny = set("10.1.0.0/30")
        _ = try place.reserve("a", from: [tiny], namespace: "/proc/self/ns/net")
        #expect(throws: IPAMError.self) { try place.reserve("b", from: [tiny]) }
        #expect(throws: IPAMError.self) { try place.reserve("a", from: [tiny]) }
    }

    @Test("An index that lies, is torn or missing is built again") func brokenIndex() throws {
        _ = try place.reserve("a", from: [small])
        let index = "\(place.path)/.poplin/net"
        try FileManager.default.removeItem(atPath: index)
        #expect(try place.reserve("b", from: [small]) == ["10.1.0.3/29"])
        try Data("garbage".utf8).write(to: URL(fileURLWithPath: index + "/state"))
        #expect(try place.release("a") == ["10.1.0.2"])
        // A bitmap that says everything is taken is believed until the pool seems exhausted.
        try Data(repeating: 0xFF, count: 4096).write(to: URL(fileURLWithPath: index + "/used/10.1.0.0"))
        #expect(try place.reserve("c", from: [small]) == ["10.1.0.4/29"])
        // One that says nothing is taken never gives an address twice.
        try Data(count: 4096).write(to: URL(fileURLWithPath: index + "/used/10.1.0.0"))
        var seen: [String] = []
        for container in ["d", "e", "f"] { seen += try place.reserve(container, from: [small]) }
        #expect(seen == ["10.1.0.5/29", "10.1.0.6/29", "10.1.0.2/29"])
    }
}
