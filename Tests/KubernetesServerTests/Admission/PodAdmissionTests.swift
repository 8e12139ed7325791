import JSONTree
import Testing

@testable import KubernetesServer

@Suite("Pods and what other objects say of them")
struct PodAdmissionTests {
    private static let accounts = [
        "default": #"{"metadata":{"name":"default"}}"#,
        "robot":
            #"{"metadata":{"name":"robot"},"imagePullSecrets":[{"name":"pull"}],"automountServiceAccountToken":false}"#,
    ]
    private static let classes = [
        "high": #"{"metadata":{"name":"high"},"value":1000,"preemptionPolicy":"Never"}"#,
        "usual": #"{"metadata":{"name":"usual"},"value":7,"globalDefault":true}"#,
    ]

    private func admitted(_ spec: String, everybodys: String? = nil) throws -> JSONValue {
        func node(_ text: String?) -> JSONNode? { text.flatMap { try? JSONTree(parsing: $0).root } }
        let admission = PodAdmission(
            account: { node(Self.accounts[$0]) }, priorityClass: { node(Self.classes[$0]) },
            defaultPriorityClass: { node(everybodys.flatMap { Self.classes[$0] }) }, suffix: { "abcde" })
        let pod = try JSONTree(parsing: #"{"metadata":{"name":"p"},"spec":\#(spec)}"#)
        return try #require(admission.admitted(.node(pod.root)).member("spec"))
    }

    @Test("The token, the authority and the namespace are mounted where no container has something of its own")
    func token() throws {
        let spec = try admitted(
            #"{"containers":[{"name":"a"},{"name":"b","volumeMounts":[{"name":"x","mountPath":"/var/run/secrets/kubernetes.io/serviceaccount"}]}],"initContainers":[{"name":"i"}]}"#
        )
        let volume = try #require(spec.at("volumes")?.elements.first)
        #expect(volume.member("name")?.stringValue == "kube-api-access-abcde")
        let sources = volume.at("projected", "sources")?.elements ?? []
        #expect(sources.count == 3)
        #expect(
            sources.first?.isEquivalent(to: ["serviceAccountToken": ["expirationSeconds": 3607, "path": "token"]])
                == true)
        func mounts(_ list: String, _ index: Int) -> [String] {
            (spec.at(list)?.elements[index].member("volumeMounts")?.elements ?? []).compactMap {
                $0.member("name")?.stringValue
            }
        }
        #expect(mounts("containers", 0) == ["kube-api-access-abcde"])
        #expect(mounts("containers", 1) == ["x"])
        #expect(mounts("initContainers", 0) == ["kube-api-access-abcde"])
    }

    @Test("An account can say no, a pod has the last word; secrets for images come from the account")
    func account() throws {
        let no = try admitted(#"{"serviceAccountName":"robot","containers":[{"name":"a"}]}"#)
        #expect(no.member("volumes") == nil)
        #expect(no.member("imagePullSecrets")?.isEquivalent(to: [["name": "pull"]]) == true)
        let yes = try admitted(
            #"{"serviceAccountName":"robot","automountServiceAccountToken":true,"imagePullSecrets":[{"name":"own"}],"containers":[{"name":"a"}]}"#
        )
        #expect(yes.at("volumes")?.elements.count == 1)
        #expect(yes.member("imagePullSecrets")?.isEquivalent(to: [["name": "own"]]) == true)
        #expect(throws: PodAdmission.Refusal.self) { try admitted(#"{"serviceAccountName":"nobody"}"#) }
    }

    @Test("A class gives priority and preemption; a pod cannot give itself another one")
    func priority() throws {
        let high = try admitted(#"{"priorityClassName":"high","containers":[]}"#)
        #expect(high.member("priority")?.intValue == 1000)
        #expect(high.member("preemptionPolicy")?.stringValue == "Never")
        let usual = try admitted(#"{"priority":0,"containers":[]}"#, everybodys: "usual")
        #expect(usual.member("priority")?.intValue == 7)
        #expect(usual.member("priorityClassName")?.stringValue == "usual")
        #expect(throws: PodAdmission.Refusal.self) { try admitted(#"{"priorityClassName":"none"}"#) }
        #expect(throws: PodAdmission.Refusal.self) { try admitted(#"{"priorityClassName":"high","priority":1}"#) }
    }
}
