import Addressing
import Foundation
import Testing

@testable import IPAMKubernetes

/// The ends of a node's range are not pods', also for an agent that was started again and is told nothing new.
@Suite struct ReservedAddressesTests {
    @Test func endsOfARangeStayReservedAfterARestart() async throws {
        let directory = "\(NSTemporaryDirectory())/poplin-reserved-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let ranges = ["10.244.1.0/30", "fd00:244:1::/126"].compactMap { IPPrefix($0) }
        let first = try NodeCIDRSource(directory: directory)
        try await first.setRanges(ranges)
        let second = try NodeCIDRSource(directory: directory)
        try await second.setRanges(ranges)
        let handle = AddressHandle(network: "poplin", containerID: "c1", interface: "eth0")
        let given = try await second.allocate(AddressRequest(handle))
        #expect(Set(given.map(\.address.description)) == ["10.244.1.1", "fd00:244:1::1"])
    }
}
