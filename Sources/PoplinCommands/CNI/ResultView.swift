import Addressing
import CNI
import Findings

/// A CNI result as tables: interfaces, addresses, routes, name servers.
struct ResultView {
    let result: CNIResult

    init(_ result: CNIResult) { self.result = result }

    func rendered(_ paint: Paint) -> String {
        [interfaces, addresses, routes, nameServers].map { $0.rendered(paint) }.filter { !$0.isEmpty }
            .joined(separator: "\n\n")
    }

    private var interfaces: TextTable {
        var table = TextTable(["INTERFACE", "WHERE", "MAC", "MTU"])
        for interface in result.interfaces {
            table.add(
                .init(interface.name), interface.isInContainer ? "container" : "host", .init(interface.mac ?? ""),
                .init(interface.mtu.map(String.init) ?? ""))
        }
        return table
    }

    private var addresses: TextTable {
        var table = TextTable(["ADDRESS", "INTERFACE", "GATEWAY"])
        for ip in result.ips {
            table.add(.init(ip.address.description), .init(name(ip)), .init(ip.gateway?.description ?? ""))
        }
        return table
    }

    private var routes: TextTable {
        var table = TextTable(["ROUTE", "GATEWAY", "TABLE", "PRIORITY"])
        for route in result.routes {
            table.add(
                .init(route.destination.description), .init(route.gateway?.description ?? ""),
                .init(route.table.map(String.init) ?? ""), .init(route.priority.map(String.init) ?? ""))
        }
        return table
    }

    private var nameServers: TextTable {
        var table = TextTable(["NAME SERVER", "SEARCH"])
        let search = (result.dns.search + [result.dns.domain].compactMap(\.self)).joined(separator: " ")
        for (index, server) in result.dns.nameservers.enumerated() {
            table.add(.init(server), .init(index == 0 ? search : ""))
        }
        return table
    }

    private func name(_ ip: CNIResult.IP) -> String {
        guard let index = ip.interface, result.interfaces.indices.contains(index) else { return "" }
        return result.interfaces[index].name
    }

    /// The addresses on one line.
    var summary: String { result.ips.map(\.address.description).joined(separator: ", ") }
}
