import Addressing
import CNI
import LinuxHost
import Netlink

/// What CHECK finds to be different. Everything is looked at before it fails, so that one CHECK names all of it.
struct InterfaceCheck {
    private(set) var differences: [String] = []

    /// Notes a difference.
    mutating func expect(_ condition: Bool, _ expected: @autoclosure () -> String, found: @autoclosure () -> String) {
        if !condition { differences.append("expected: \(expected())\nfound: \(found())") }
    }

    /// Fails when anything was noted.
    func finish(_ subject: String) throws(CNIError) {
        guard let first = differences.first else { return }
        let summary = first.split(separator: "\n").first.map { $0.dropFirst("expected: ".count) } ?? ""
        throw CNIError(
            .checkFailed, "\(subject) is not as ADD made it: \(summary) is missing",
            details: differences.joined(separator: "\n"))
    }

    /// Compares an interface with the previous result: MAC and, when the result says it, MTU.
    mutating func compare(_ link: Link, with interface: CNIResult.Interface) {
        if let mac = interface.macAddress {
            expect(link.mac == mac, "\(link.name) with MAC \(mac)", found: "MAC \(Self.text(link.mac))")
        }
        if let mtu = interface.mtu, mtu > 0 {
            expect(link.mtu == mtu, "\(link.name) with MTU \(mtu)", found: "MTU \(link.mtu)")
        }
    }

    /// Compares the addresses and routes of an interface with the previous result. The thread must be in its
    /// namespace. Later plugins of the chain may have moved routes to other tables (sbr), so all tables count.
    mutating func compare(
        _ link: Link, addresses: [CNIResult.IP], routes: [CNIResult.Route], in socket: inout RouteSocket
    ) throws(CNIError) {
        let present = try kernel { () throws(NetlinkError) in try socket.addresses(on: link.index) }
        for ip in addresses {
            expect(
                present.contains { $0.address == ip.address }, "\(ip.address) on \(link.name)",
                found: present.isEmpty ? "no address" : present.map(\.address.description).joined(separator: ", "))
        }
        for family in IPFamily.allCases {
            let wanted = routes.filter { $0.destination.family == family }
            if wanted.isEmpty { continue }
            let list = try kernel { () throws(NetlinkError) in try socket.routes(family, table: nil) }
            for route in wanted {
                let same = list.filter { $0.destination == route.destination }
                expect(
                    same.contains { Self.isPresent(route, $0) },
                    "route to \(route.destination)\(route.gateway.map { " via \($0)" } ?? "")",
                    found: same.isEmpty
                        ? "no route to \(route.destination)" : same.map(Self.text).joined(separator: "; "))
            }
        }
    }

    private static func isPresent(_ wanted: CNIResult.Route, _ found: Route) -> Bool {
        guard let gateway = wanted.gateway, !wanted.isDefault else { return true }
        return found.gateway == gateway || found.nextHops.contains { $0.gateway == gateway }
    }

    private static func text(_ route: Route) -> String {
        "\(route.destination)" + (route.gateway.map { " via \($0)" } ?? " without a gateway")
    }

    private static func text(_ mac: MACAddress?) -> String { mac?.description ?? "none" }
}

extension Link {
    /// For a difference: its name and kind.
    var shape: String { "\(name), \(kind ?? "a device of no kind")" }
}
