import AgentProtocol
import CNI
import Testing

@testable import CNIPlugins

/// What the agent reads in the place of a plugin that did not start.
@Suite struct HandedOverCallTests {
    private static let path = "/run/elsewhere/agent.sock"

    private static func call(
        _ configuration: String, _ changes: [String: String] = [:], socket: String = path
    ) -> AgentCall {
        let environment = [
            "CNI_COMMAND": "DEL", "CNI_CONTAINERID": "c1", "CNI_NETNS": "/run/netns/c1", "CNI_IFNAME": "eth0",
            "CNI_PATH": "/opt/cni/bin", "CNI_ARGS": "K8S_POD_NAMESPACE=shop;K8S_POD_NAME=web-1",
        ]
        return AgentCall(
            socketPath: socket, environment: environment.merging(changes) { $1 },
            configuration: Array(configuration.utf8))
    }

    private static let plain =
        #"{"cniVersion":"1.0.0","name":"net","type":"poplin","agentSocket":"\#(path)","prevResult":{"ips":[]}}"#

    @Test func isWhatThePluginWouldAsk() throws {
        let request = try #require(Cluster.request(handedOver: Self.call(Self.plain)))
        let mark = OwnershipMark(network: "net", attachment: .init(containerID: "c1", interfaceName: "eth0"))
        #expect(
            request
                == AgentRequest(
                    .delete, network: "net",
                    attachment: AgentAttachment(containerID: "c1", interfaceName: "eth0"),
                    networkNamespace: "/run/netns/c1", hostInterface: mark.linkName("pop"),
                    pod: AgentPod(namespace: "shop", name: "web-1"),
                    deadlineMilliseconds: AgentCall.patienceMilliseconds))
    }

    @Test func withoutASocketInTheConfigurationItIsTheUsualOne() {
        let configuration = #"{"cniVersion":"1.0.0","name":"net","type":"poplin"}"#
        let usual = Cluster.request(handedOver: Self.call(configuration, socket: AgentClient.defaultPath))
        #expect(usual?.network == "net")
        let other = Cluster.request(handedOver: Self.call(configuration))
        #expect(other == nil)
    }

    @Test(
        "What is not a plain DEL is the plugin's",
        arguments: [
            (plain, ["CNI_COMMAND": "ADD"]), (plain, ["CNI_COMMAND": ""]), (plain, ["CNI_CONTAINERID": ""]),
            (plain, ["CNI_CONTAINERID": "a/b"]), (plain, ["CNI_IFNAME": "an-interface-name-too-long"]),
            (plain, ["CNI_PATH": ""]), ("", [:]), ("{", [:]), ("[]", [:]), ("null", [:]), (plain + "{}", [:]),
            (plain.replacing("\"net\"", with: "\"\""), [:]), (plain.replacing("1.0.0", with: "9.9.9"), [:]),
            (plain.replacing("\"\(path)\"", with: "7"), [:]), (plain.replacing("/elsewhere", with: "/somewhere"), [:]),
            (plain.replacing("\"prevResult\"", with: "\"ipam\":{\"type\":\"host-local\"},\"prevResult\""), [:]),
            (plain.replacing("agentSocket", with: "subnetFile"), [:]),
        ])
    func theRestIsThePlugins(_ configuration: String, _ environment: [String: String]) {
        let request = Cluster.request(handedOver: Self.call(configuration, environment))
        #expect(request == nil)
    }
}
