import Addressing
import FuzzSupport

/// A text that is read as an address must be written so that it is read as the same address.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: data, count: count))
    let text = String(decoding: bytes, as: UTF8.self)
    roundTrip(IPv4Address(text)) { IPv4Address($0) }
    roundTrip(IPv6Address(text)) { IPv6Address($0) }
    roundTrip(IPAddress(text)) { IPAddress($0) }
    roundTrip(IPPrefix(text)) { IPPrefix($0) }
    roundTrip(InterfaceAddress(text)) { InterfaceAddress($0) }
    roundTrip(IPRange(text)) { IPRange($0) }
    roundTrip(MACAddress(text)) { MACAddress($0) }
    do throws(AddressError) { _ = try IPPrefix(parsing: text) } catch { _ = error.description }

    if let address = IPAddress(bytes: bytes) {
        expect(address.bytes == bytes && IPAddress(address.description) == address)
    }
    if bytes.count > 16, let address = IPAddress(bytes: bytes[..<(bytes[16] & 1 == 0 ? 4 : 16)]) {
        arithmetic(address, length: Int(bytes[16] >> 1) % (address.family.bitWidth + 1))
    }
    return 0
}

private func roundTrip<Value: Equatable & CustomStringConvertible>(_ value: Value?, _ read: (String) -> Value?) {
    guard let value else { return }
    expect(read(value.description) == value, "\(value) is read as something else")
}

private func arithmetic(_ address: IPAddress, length: Int) {
    let prefix = IPPrefix(containing: address, length: length)
    expect(prefix.contains(address) && prefix.range.contains(address) && prefix.first <= prefix.last)
    expect(IPPrefix(prefix.description) == prefix)
    let before = prefix.first.advanced(by: -1)
    let after = prefix.last.advanced(by: 1)
    expect(before.map { !prefix.contains($0) } ?? (prefix.first.number == 0))
    expect(after.map { !prefix.contains($0) } ?? (prefix.last.number == prefix.family.largestNumber))
    if let parts = IPRange(first: prefix.first, last: address).map({ prefix.range.subtracting($0) }) {
        expect(parts.allSatisfy { !$0.contains(address) })
    }
}
