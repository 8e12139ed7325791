import Addressing
import Foundation
import Testing

@testable import IPAM

/// The reference's algorithm as plainly as it can be written: every address is looked at, one after the other.
private struct Model {
    var held: [String: String] = [:]
    var cursor: String?
    let addresses: [String]

    mutating func reserve(_ holder: String) -> String? {
        let start = cursor.flatMap { addresses.firstIndex(of: $0) }.map { $0 + 1 } ?? 0
        for step in addresses.indices {
            let address = addresses[(start + step) % addresses.count]
            if held[address] == nil {
                held[address] = holder
                cursor = address
                return address
            }
        }
        return nil
    }

    mutating func release(_ holder: String) -> [String] {
        let released = held.filter { $0.value == holder }.keys.sorted()
        for address in released { held[address] = nil }
        return released
    }
}

@Suite("Reservation store against a slow model") struct ReservationModelTests {
    @Test(
        "Any operations, by us, by others and by people, give the model's addresses",
        arguments: [UInt64(1), 2, 3, 4, 5, 6])
    func random(_ seed: UInt64) throws {
        let place = Place()
        var generator = Seeded(seed: seed)
        // Two ranges, a gateway in the middle of one; the second straddles two blocks of the index.
        let set = try RangeSet([
            AddressRange(
                subnet: IPPrefix("10.1.0.0/24")!, rangeStart: ip("10.1.0.10"),
                rangeEnd: ip("10.1.0.20"), gateway: ip("10.1.0.15")),
            AddressRange(
                subnet: IPPrefix("10.2.0.0/16")!, rangeStart: ip("10.2.127.250"),
                rangeEnd: ip("10.2.128.5")),
        ])
        let all =
            (10...20).filter { $0 != 15 }.map { "10.1.0.\($0)" } + (250...255).map { "10.2.127.\($0)" }
            + (0...5).map { "10.2.128.\($0)" }
        var model = Model(addresses: all)

        for step in 0..<400 {
            let container = "c\(Int.random(in: 0..<40, using: &generator))"
            switch Int.random(in: 0..<20, using: &generator) {
            case 0..<9:
                let isHeld = model.held.values.contains(container)
                let expected = isHeld ? nil : model.reserve(container)
                let address = try? place.reserve(container, from: [set]).first
                #expect(address.map { String($0.prefix { $0 != "/" }) } == expected, "step \(step)")
            case 9..<15:
                #expect(try place.release(container).sorted() == model.release(container), "step \(step)")
            case 15:
                // The reference plugin, in the same tick of the kernel's clock as our last change.
                guard !model.held.values.contains(container), let address = model.reserve(container) else { continue }
                try place.write(address, "\(container)\r\neth0")
                try place.write("last_reserved_ip.0", address)
            case 16:
                for address in model.release(container) { try place.remove(address) }
            case 17:
                // A kill between the reservation and the index looks like this to the next operation.
                try? FileManager.default.removeItem(atPath: "\(place.path)/.poplin/net/state")
            case 18:
                try? FileManager.default.removeItem(atPath: "\(place.path)/.poplin/net/by/\(container):eth0")
                try? FileManager.default.removeItem(atPath: "\(place.path)/.poplin/net/state")
            default:
                let keep = Set(model.held.values.filter { _ in Int.random(in: 0..<3, using: &generator) > 0 })
                let holders = keep.map { AddressHolder(containerID: $0, interfaceName: "eth0") }
                _ = try place.store.collectGarbage(keeping: holders)
                model.held = model.held.filter { keep.contains($0.value) }
            }
            #expect(place.addresses == model.held.keys.sorted(), "step \(step)")
            guard place.addresses == model.held.keys.sorted() else { return }
        }
    }
}
