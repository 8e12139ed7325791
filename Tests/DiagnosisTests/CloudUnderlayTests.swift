import Findings
import Testing

@testable import Diagnosis

/// What Azure and Google Cloud say of the way between the nodes, as their tools print it.
@Suite struct CloudUnderlayTests {
    private static func node(_ index: Int, _ identity: String, overlay: Bool) -> String {
        let annotations =
            overlay
            ? #""flannel.alpha.coreos.com/backend-type":"vxlan","flannel.alpha.coreos.com/backend-data":"{\"VNI\":1,\"VtepMAC\":\"02:00:00:00:00:0\#(index)\"}","flannel.alpha.coreos.com/public-ip":"10.224.0.\#(index)""#
            : #""flannel.alpha.coreos.com/backend-type":"host-gw","flannel.alpha.coreos.com/backend-data":"null","flannel.alpha.coreos.com/public-ip":"10.224.0.\#(index)""#
        return
            #"{"metadata":{"name":"n\#(index)","annotations":{\#(annotations)}},"spec":{"providerID":"\#(identity)","podCIDR":"10.244.\#(index).0/24","podCIDRs":["10.244.\#(index).0/24"]},"status":{"addresses":[{"type":"InternalIP","address":"10.224.0.\#(index)"}],"conditions":[{"type":"Ready","status":"True"}]}}"#
    }

    private static func azure(overlay: Bool, _ documents: (String, String)...) -> [Diagnosis] {
        let identity =
            "azure:///subscriptions/0/resourceGroups/MC_shop/providers/Microsoft.Compute/virtualMachineScaleSets/pool/virtualMachines/"
        let facts = Evidence { evidence in
            evidence.objects(
                "nodes", node(4, identity + "0", overlay: overlay), node(5, identity + "1", overlay: overlay))
            for (operation, text) in documents { evidence.document("cloud/azure/\(operation).json", text) }
        }.facts
        return AzureUnderlayCheck().findings(facts)
    }

    private static let networks =
        #"[{"type":"Microsoft.Network/virtualNetworks","name":"vnet","subnets":[{"id":"/subscriptions/0/resourceGroups/shop/providers/Microsoft.Network/virtualNetworks/vnet/subnets/nodes","name":"nodes","addressPrefix":"10.224.0.0/24","ipConfigurations":[{"id":"a"}]}]}]"#

    private static func group(_ rules: String) -> String {
        #"[{"type":"Microsoft.Network/networkSecurityGroups","name":"nodes-nsg","resourceGroup":"shop","securityRules":[\#(rules)],"defaultSecurityRules":[{"name":"AllowVnetInBound","priority":65000,"direction":"Inbound","access":"Allow","protocol":"*","sourceAddressPrefix":"VirtualNetwork","destinationAddressPrefix":"VirtualNetwork","destinationPortRange":"*"},{"name":"AllowVnetOutBound","priority":65000,"direction":"Outbound","access":"Allow","protocol":"*","sourceAddressPrefix":"VirtualNetwork","destinationAddressPrefix":"VirtualNetwork","destinationPortRange":"*"},{"name":"DenyAllInBound","priority":65500,"direction":"Inbound","access":"Deny","protocol":"*","sourceAddressPrefix":"*","destinationAddressPrefix":"*","destinationPortRange":"*"}],"subnets":[{"id":"/subscriptions/0/resourceGroups/shop/providers/Microsoft.Network/virtualNetworks/vnet/subnets/nodes"}],"networkInterfaces":null}]"#
    }

    private static func rule(_ name: String, _ priority: Int, _ access: String, _ transport: String, _ ports: String)
        -> String
    {
        #"{"name":"\#(name)","priority":\#(priority),"direction":"Inbound","access":"\#(access)","protocol":"\#(transport)","sourceAddressPrefix":"*","destinationAddressPrefix":"*","destinationPortRange":"\#(ports)","sourceAddressPrefixes":[],"destinationPortRanges":[]}"#
    }

    @Test func aGroupOfAzureThatDeniesTheOverlay() throws {
        let closed = Self.group(
            Self.rule("ssh", 300, "Allow", "Tcp", "22") + "," + Self.rule("lock", 400, "Deny", "*", "*"))
        let finding = try #require(
            Self.azure(overlay: true, ("network-vnet-list", Self.networks), ("network-nsg-list", closed)).first)
        #expect(finding.code == "RTE-01" && finding.confidence == .certain)
        #expect(finding.title.contains("nodes-nsg does not let UDP 8472"))
        #expect(
            finding.fix?.steps.first
                == "az network nsg rule create -g shop --nsg-name nodes-nsg -n allow-overlay-inbound --priority 399 "
                + "--direction Inbound --access Allow --protocol Udp --source-address-prefixes VirtualNetwork "
                + "--destination-address-prefixes VirtualNetwork --destination-port-ranges 8472")
        // Without the networks nobody knows whether the nodes are there.
        let unsure = Self.azure(overlay: true, ("network-nsg-list", closed)).first
        #expect(unsure?.confidence == .likely && unsure?.needs.isEmpty == false)
    }

    @Test(arguments: [
        "", rule("overlay", 350, "Allow", "Udp", "8000-9000") + "," + rule("lock", 400, "Deny", "*", "*"),
    ])
    func aGroupOfAzureThatLetsItThrough(_ rules: String) {
        let findings = Self.azure(
            overlay: true, ("network-vnet-list", Self.networks), ("network-nsg-list", Self.group(rules)))
        #expect(findings.isEmpty, "\(findings)")
    }

    private static func tables(_ next: String) -> String {
        #"[{"type":"Microsoft.Network/routeTables","name":"rt","resourceGroup":"shop","routes":[{"name":"n4","addressPrefix":"10.244.4.0/24","nextHopType":"VirtualAppliance","nextHopIpAddress":"10.224.0.4"},{"name":"n5","addressPrefix":"10.244.5.0/24","nextHopType":"VirtualAppliance","nextHopIpAddress":"\#(next)"}]}]"#
    }

    @Test func aRouteOfAzureThatLeadsElsewhere() throws {
        let finding = try #require(
            Self.azure(overlay: false, ("network-route-table-list", Self.tables("10.224.0.9"))).first)
        #expect(finding.code == "RTE-15" && finding.places == ["Node/n5"])
        #expect(
            finding.fix?.steps.first?.hasPrefix(
                "az network route-table route update -g shop --route-table-name rt -n n5") == true)
        #expect(Self.azure(overlay: false, ("network-route-table-list", Self.tables("10.224.0.5"))).isEmpty)
    }

    @Test func aSubnetOfAzureThatIsFull() {
        let used = (1...11).map { #"{"id":"\#($0)"}"# }.joined(separator: ",")
        let full =
            #"[{"type":"Microsoft.Network/virtualNetworks","name":"vnet","subnets":[{"id":"/s/nodes","name":"nodes","addressPrefix":"10.224.0.0/28","ipConfigurations":[\#(used)]}]}]"#
        let findings = Self.azure(overlay: true, ("network-vnet-list", full))
        #expect(findings.map(\.code) == ["AZR-02"] && findings.first?.confidence == .likely)
    }

    // MARK: Google Cloud

    private static func google(overlay: Bool, _ documents: (String, String)...) -> [Diagnosis] {
        let facts = Evidence { evidence in
            evidence.objects(
                "nodes", node(4, "gce://shop/europe-west1-b/n4", overlay: overlay),
                node(5, "gce://shop/europe-west1-b/n5", overlay: overlay))
            for (operation, text) in documents { evidence.document("cloud/gcp/\(operation).json", text) }
        }.facts
        return GoogleUnderlayCheck().findings(facts)
    }

    private static let ssh =
        #"{"kind":"compute#firewall","name":"ssh","direction":"INGRESS","priority":65534,"network":"https://www.googleapis.com/compute/v1/projects/shop/global/networks/default","sourceRanges":["0.0.0.0/0"],"allowed":[{"IPProtocol":"tcp","ports":["22"]}]}"#
    private static let inside =
        #"{"kind":"compute#firewall","name":"inside","direction":"INGRESS","priority":65534,"network":"https://www.googleapis.com/compute/v1/projects/shop/global/networks/default","sourceRanges":["10.128.0.0/9","10.224.0.0/16"],"allowed":[{"IPProtocol":"udp","ports":["0-65535"]}]}"#
    private static let tagged =
        #"{"kind":"compute#firewall","name":"tagged","direction":"INGRESS","priority":1000,"sourceTags":["k8s"],"targetTags":["k8s"],"allowed":[{"IPProtocol":"udp"}]}"#

    @Test(arguments: [(ssh, true), (ssh + "," + inside, false), (ssh + "," + tagged, false)])
    func theFirewallOfGoogle(_ rules: String, _ isClosed: Bool) {
        let findings = Self.google(overlay: true, ("compute-firewall-rules-list", "[\(rules)]"))
        #expect(findings.map(\.code) == (isClosed ? ["RTE-01"] : []), "\(findings)")
        if isClosed {
            #expect(findings.first?.confidence == .certain)
            #expect(findings.first?.fix?.steps.first?.contains("--network default") == true)
        }
    }

    @Test(arguments: [("n5", []), ("n9", ["RTE-15"])] as [(String, [String])])
    func theRoutesOfGoogle(_ next: String, _ codes: [String]) {
        let routes =
            #"[{"kind":"compute#route","name":"a","destRange":"10.244.4.0/24","nextHopInstance":"https://x/zones/b/instances/n4"},{"kind":"compute#route","name":"b","destRange":"10.244.5.0/24","nextHopInstance":"https://x/zones/b/instances/\#(next)"}]"#
        let findings = Self.google(
            overlay: false, ("compute-routes-list", routes), ("compute-networks-subnets-list", "[]"))
        #expect(findings.map(\.code) == codes, "\(findings)")
    }
}
