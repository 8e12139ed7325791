import Addressing
import JSONTree

/// Tables that clouds' tools print for people, as the JSON that they print for programs.
enum CloudTable {
    /// `gcloud compute routes list`: NAME NETWORK DEST_RANGE NEXT_HOP PRIORITY; nil for another text.
    static func routes(_ text: String) -> [UInt8]? {
        guard text.hasPrefix("NAME "), text.prefix(256).contains("DEST_RANGE"), let table = ColumnTable(text) else {
            return nil
        }
        let rows = table.rows.compactMap { row -> JSONValue? in
            guard let name = row["NAME"], let range = row["DEST_RANGE"], IPPrefix(range) != nil else { return nil }
            let hop = row["NEXT_HOP"] ?? ""
            // The column holds the last part of what the next hop is, and of a tunnel that it is one.
            let field =
                hop.contains("/vpnTunnels/")
                ? "nextHopVpnTunnel"
                : hop.contains("gateway")
                    ? "nextHopGateway" : hop.contains("peer") ? "nextHopPeering" : "nextHopNetwork"
            return [
                "kind": "compute#route", "name": .string(name), "network": .string(row["NETWORK"] ?? ""),
                "destRange": .string(range), field: .string(hop),
            ]
        }
        return rows.isEmpty ? nil : JSONValue.array(rows).serialized()
    }
}
