import Foundation
import JSONTree
import Testing

@testable import KubernetesServer

/// kubectl's typed commands send protobuf. What they would send, `--dry-run=client -o json` shows: the peer. What our
/// server stored must say everything of it.
@Suite("Objects that kubectl makes", .enabled(if: Kubectl.path != nil, "kubectl is not installed"))
struct KubectlCreateTests {
    /// Words between blanks; later commands may lean on earlier ones.
    static let commands = [
        "create namespace shop", "create configmap settings --from-literal=a=b --from-literal=c=",
        "create secret generic keys --from-literal=k=v --type=example.com/t",
        "create secret docker-registry pull --docker-username=u --docker-password=p --docker-server=r",
        "create serviceaccount robot", "create service clusterip inside --tcp=80:8080 --tcp=53",
        "create service clusterip headless --clusterip=None", "create service nodeport outside --tcp=80:http",
        "create service loadbalancer front --tcp=443:8443",
        "create service externalname away --external-name=a.example",
        "create deployment web --image=nginx:1 --replicas=2 --port=80", "create job once --image=busybox -- sleep 1",
        "create cronjob often --image=busybox --schedule=@hourly --restart=OnFailure -- date",
        "create quota few --hard=pods=3,cpu=1500m --scopes=BestEffort",
        "create pdb some --selector=app=web --min-available=50%",
        "create priorityclass high --value=1000 --description=first --preemption-policy=Never",
        "create ingress way --class=c --rule=a.example/x*=web:80,tls=t --default-backend=web:http --annotation=k=v",
        "create role look --verb=get,list --resource=pods,deployments.apps --resource-name=one",
        "create clusterrole paths --verb=get --non-resource-url=/metrics",
        "create clusterrole sum --aggregation-rule=part=of",
        "create rolebinding may --clusterrole=view --serviceaccount=default:robot --user=u --group=g",
        "create clusterrolebinding all --clusterrole=view --group=g",
        "run one --image=nginx --env=A=b --port=80 --labels=x=y --restart=Never -- serve --fast",
        "expose pod one --port=80 --name=one-more", "autoscale deployment web --min=1 --max=3 --cpu-percent=50",
    ]

    @Test func storedAsSent() async throws {
        let directory = NSTemporaryDirectory() + "/poplin-create-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let server = try await APIServer.start(.init(directory: directory, port: 0))
        let path = "\(directory)/kubeconfig"
        try server.kubeconfig.write(to: path)
        for command in Self.commands {
            var words = command.split(separator: " ").map(String.init)
            let end = words.firstIndex(of: "--") ?? words.endIndex
            let dry = try await Kubectl.run(
                words[..<end] + ["--dry-run=client", "-o", "json"] + words[end...], kubeconfig: path)
            words.insert(contentsOf: ["-o", "json"], at: end)
            let real = try await Kubectl.run(words, kubeconfig: path)
            #expect(real.code == 0, "\(command): \(real.error)")
            #expect(!real.error.contains("Warning"), "\(command): \(real.error)")
            guard let sent = try? JSONTree(parsing: dry.output), let stored = try? JSONTree(parsing: real.output) else {
                Issue.record("\(command): \(dry.error) \(real.error)")
                continue
            }
            let lost = Self.missing(.node(sent.root), in: .node(stored.root), "")
            #expect(lost == [], "\(command)")
        }
        await server.shutdown()
    }

    /// The leaves of `sent` that are not in `stored`, or other there. What is empty says nothing.
    private static func missing(_ sent: JSONValue, in stored: JSONValue?, _ path: String) -> [String] {
        switch sent.kind {
        case .object:
            return sent.members.flatMap { member in
                missing(member.value, in: stored?.member(member.key), "\(path).\(member.key)")
            }
        case .array:
            let elements = stored?.elements ?? []
            return sent.elements.enumerated().flatMap { index, element in
                missing(element, in: index < elements.count ? elements[index] : nil, "\(path)[\(index)]")
            }
        case .null: return []
        // The status is the server's.
        default: return path.hasPrefix(".status") || stored?.isEquivalent(to: sent) == true ? [] : ["\(path): \(sent)"]
        }
    }
}
