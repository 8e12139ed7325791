import Addressing
import AgentProtocol
import CNI
import Testing

@testable import CNIPlugins

@Suite struct SubnetFileTests {
    private static let whole = """
        FLANNEL_NETWORK=10.244.0.0/16,10.245.0.0/16
        FLANNEL_SUBNET=10.244.3.1/24
        FLANNEL_IPV6_NETWORK=fd00:244::/48
        FLANNEL_IPV6_SUBNET=fd00:244:0:3::1/64
        FLANNEL_MTU=1450
        FLANNEL_IPMASQ=true

        """

    @Test func isReadAsFlannelWritesIt() throws {
        let file = try SubnetFile(parsing: Self.whole, path: "subnet.env")
        #expect(file.subnets.map(\.description) == ["10.244.3.0/24", "fd00:244:0:3::/64"])
        #expect(file.networks.map(\.description) == ["10.244.0.0/16", "10.245.0.0/16", "fd00:244::/48"])
        #expect(file.mtu == 1450)
        #expect(!file.leavesMasquerading)
        let pod = try #require(InterfaceAddress("10.244.3.7/24"))
        #expect(file.inNetwork(pod).description == "10.244.3.7/16")
    }

    @Test(arguments: [
        ("FLANNEL_SUBNET=10.244.3.1", "subnet.env:1: FLANNEL_SUBNET: \"10.244.3.1\" is not an address with"),
        ("FLANNEL_SUBNET=10.244.3.1/24\nFLANNEL_MTU=lots", "subnet.env:2: FLANNEL_MTU: \"lots\" is not a number"),
        ("FLANNEL_SUBNET=10.244.3.1/24\nFLANNEL_IPMASQ=yes", "subnet.env:2: FLANNEL_IPMASQ: \"yes\" is not true or"),
        ("FLANNEL_NETWORK=10.244.0.0/16,x", "subnet.env:1: FLANNEL_NETWORK"),
        ("FLANNEL_MTU=1450", "has neither FLANNEL_SUBNET nor FLANNEL_IPV6_SUBNET"), ("", "has neither"),
    ])
    func whatIsWrongIsNamed(_ text: String, _ expected: String) {
        var message = "it was read"
        do throws(CNIError) { _ = try SubnetFile(parsing: text, path: "subnet.env") } catch { message = error.message }
        #expect(message.contains(expected))
    }

    @Test func theAgentsPodIsReadOffTheArguments() {
        let arguments = "IgnoreUnknown=1;K8S_POD_NAMESPACE=shop;K8S_POD_NAME=web;K8S_POD_UID=u;K8S_POD_INFRA_X=y"
        #expect(AgentLink.pod(arguments) == AgentPod(namespace: "shop", name: "web", uid: "u"))
        #expect(AgentLink.pod("K8S_POD_NAMESPACE=shop;K8S_POD_NAME=web") == AgentPod(namespace: "shop", name: "web"))
        #expect(AgentLink.pod("") == nil)
        #expect(AgentLink.pod("K8S_POD_NAME=web") == nil)
        #expect(AgentLink.pod("noise") == nil)
    }
}
