import CLinux

/// How a request names an interface.
public enum LinkSelector: Hashable, Sendable, CustomStringConvertible {
    case index(InterfaceIndex)
    case name(String)

    var index: Int32 {
        switch self {
        case .index(let index): index.rawValue
        case .name: 0
        }
    }

    /// IFLA_IFNAME holds 15 bytes; a longer name can only be an alternative one (IFLA_ALT_IFNAME).
    func write(to writer: inout MessageWriter) {
        guard case .name(let name) = self else { return }
        writer.string(name.utf8.count < Int(IFNAMSIZ) ? IFLA_IFNAME : IFLA_ALT_IFNAME, name)
    }

    public var description: String {
        switch self {
        case .index(let index): "#\(index)"
        case .name(let name): name
        }
    }
}
