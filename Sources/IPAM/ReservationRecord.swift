import Addressing

/// What the index knows about one holder: `1 <boot> <namespace> <address>,<address>`.
///
/// It is the text of a symbolic link, because a link is made with its text in one system call and read in one: there
/// is no moment at which it is empty.
struct ReservationRecord: Equatable, Sendable {
    var addresses: [IPAddress]
    /// The first eight characters of the boot identifier under which the reservation was made or first seen.
    let boot: String
    /// The inode of the container's network namespace; nil when another plugin made the reservation.
    let namespace: UInt64?

    init(addresses: [IPAddress], boot: String, namespace: UInt64?) {
        self.addresses = addresses
        self.boot = Self.short(boot)
        self.namespace = namespace
    }

    static func short(_ boot: String) -> String { String(boot.prefix(8)) }

    var text: String {
        var text = "1 \(boot) \(namespace ?? 0) "
        for (index, address) in addresses.enumerated() {
            if index > 0 { text += "," }
            text += address.description
        }
        return text
    }

    init?(_ text: String) {
        let fields = text.split(separator: " ")
        guard fields.count == 4, fields[0] == "1", let namespace = UInt64(fields[2]) else { return nil }
        var addresses: [IPAddress] = []
        for part in fields[3].split(separator: ",") {
            guard let address = IPAddress(String(part)) else { return nil }
            addresses.append(address)
        }
        self.addresses = addresses
        boot = String(fields[1])
        self.namespace = namespace == 0 ? nil : namespace
    }

    /// The link's name. `:` is in neither a container's identifier nor an interface's name, so no two holders share
    /// one. An identifier that is too long for a file name is replaced by its beginning and a hash (FNV-1a, twice
    /// with different starts); whoever acts on a record compares the reservation itself first.
    static func name(for holder: AddressHolder) -> String {
        let name = "\(holder.containerID):\(holder.interfaceName)"
        guard name.utf8.count > 255 else { return name }
        var hashes: (UInt64, UInt64) = (0xcbf2_9ce4_8422_2325, 0x8422_2325_cbf2_9ce4)
        for byte in name.utf8 {
            hashes.0 = (hashes.0 ^ UInt64(byte)) &* 0x100_0000_01b3
            hashes.1 = (hashes.1 ^ UInt64(byte)) &* 0x100_0000_01b3
        }
        let digits = String(hashes.0, radix: 16) + "-" + String(hashes.1, radix: 16)
        return "\(name.prefix(200))~\(digits)"
    }
}
