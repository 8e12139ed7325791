import Addressing

/// Who holds an address: one interface of one container.
public struct AddressHolder: Hashable, Sendable, Comparable, CustomStringConvertible {
    public let containerID: String
    /// Empty in reservations of reference releases before 0.8.0, which did not write it down.
    public let interfaceName: String

    public init(containerID: String, interfaceName: String) {
        self.containerID = containerID
        self.interfaceName = interfaceName
    }

    /// The same container without an interface, which is how old reservations name it.
    var withoutInterface: AddressHolder { AddressHolder(containerID: containerID, interfaceName: "") }

    public static func < (left: AddressHolder, right: AddressHolder) -> Bool {
        (left.containerID, left.interfaceName) < (right.containerID, right.interfaceName)
    }

    public var description: String { interfaceName.isEmpty ? containerID : "\(containerID) \(interfaceName)" }
}

/// What a reservation file says. The file's name is the address.
enum ReservationContent: Equatable, Sendable {
    case holder(AddressHolder)
    /// Nothing, blanks or zero bytes: whoever made the file died before it wrote the content, or the machine lost
    /// power before the content reached the disk. No ADD can have answered with this address.
    case empty
    /// Something else, such as a person's note that the address is in use elsewhere. Never touched.
    case foreign

    /// The container's identifier and the interface's name with CR LF between them, without one at the end.
    static func bytes(for holder: AddressHolder) -> [UInt8] {
        Array(holder.containerID.utf8) + [0x0D, 0x0A] + Array(holder.interfaceName.utf8)
    }

    init(_ bytes: [UInt8]) {
        func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) || byte == 0 }
        guard let start = bytes.firstIndex(where: { !isBlank($0) }), let end = bytes.lastIndex(where: { !isBlank($0) })
        else {
            self = .empty
            return
        }
        let lines = bytes[start...end].split(separator: 0x0A).map { line in
            line.last == 0x0D ? line.dropLast() : line
        }
        guard (1...2).contains(lines.count), Self.isIdentifier(lines[0]),
            lines.count == 1 || Self.isInterfaceName(lines[1])
        else {
            self = .foreign
            return
        }
        self = .holder(
            AddressHolder(
                containerID: String(decoding: lines[0], as: UTF8.self),
                interfaceName: lines.count == 2 ? String(decoding: lines[1], as: UTF8.self) : ""))
    }

    /// A letter or digit, then letters, digits, `_`, `.` and `-` (CNI specification, section 2).
    private static func isIdentifier(_ text: ArraySlice<UInt8>) -> Bool {
        func isAlphanumeric(_ byte: UInt8) -> Bool {
            (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
        }
        guard let first = text.first, isAlphanumeric(first) else { return false }
        return text.allSatisfy {
            isAlphanumeric($0) || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "-")
        }
    }

    /// What Linux accepts: at most 15 bytes without `/`, `:` and blanks (net/core/dev.c, dev_valid_name).
    private static func isInterfaceName(_ text: ArraySlice<UInt8>) -> Bool {
        (1...15).contains(text.count)
            && text.allSatisfy { $0 > 0x20 && $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: ":") }
    }
}
