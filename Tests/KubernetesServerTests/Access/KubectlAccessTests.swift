import KubernetesModel
import Logging
import NIOHTTP1
import Testing

@testable import KubernetesServer

@Suite(
    "Access, judged by kubectl", .enabled(if: Kubectl.path != nil, "kubectl is not installed"), .timeLimit(.minutes(3)))
struct KubectlAccessTests {
    /// The stream rig with the access layer in front, and a user who may look at pods of one namespace.
    private func withRig(_ body: (StreamRig) async throws -> Void) async throws {
        try await TemporaryDirectory.with { directory in
            let store = try ObjectStore(directory: "\(directory)/roles")
            defer { store.close() }
            var configuration = ServerAccess.Configuration(tokenKey: ServiceAccountIssuer.newKey(), authority: "PEM")
            configuration.staticTokens = [
                "admin": UserInfo(name: "admin", groups: [RBACPolicy.masters]),
                "bob": UserInfo(name: "bob", groups: ["dev"]),
            ]
            let objects = [
                (
                    StoreKey("rolebindings.rbac.authorization.k8s.io", namespace: "default", name: "look"),
                    #"{"metadata":{"name":"look","namespace":"default"},"roleRef":{"kind":"ClusterRole","name":"view"},"subjects":[{"kind":"Group","name":"dev"}]}"#
                ),
                (
                    StoreKey("serviceaccounts", namespace: "default", name: "agent"),
                    #"{"metadata":{"name":"agent","namespace":"default"}}"#
                ),
            ]
            _ = try await store.write { (transaction) throws(Never) in
                for (key, text) in objects { transaction.put(key, uid: "u-\(key.name)", Array(text.utf8)) }
            }
            let access = try await ServerAccess(configuration, store: store, logger: Logger(label: "test"))
            try await StreamRig.with(in: { access.handler(for: $0) }, body)
        }
    }

    @Test("auth can-i, auth whoami, --as, exec and logs by role, create token")
    func roles() async throws {
        try await withRig { rig in
            func bob(_ arguments: String...) async throws -> Kubectl.Answer {
                try await Kubectl.run(rig, ["--token=bob"] + arguments)
            }
            let yes = try await bob("auth", "can-i", "list", "pods")
            #expect(yes.output == "yes\n", "\(yes.error)")
            let no = try await bob("auth", "can-i", "delete", "pods")
            #expect(no.output == "no\n" && no.code == 1)
            #expect(try await bob("auth", "can-i", "list", "pods", "-n", "kube-system").output == "no\n")
            #expect(try await bob("auth", "can-i", "get", "/livez").output == "yes\n")
            let list = try await bob("auth", "can-i", "--list")
            #expect(list.output.contains("networkpolicies.networking.k8s.io"), "\(list.error)")
            let whoami = try await bob("auth", "whoami", "-o", "jsonpath={.status.userInfo.username}")
            #expect(whoami.output == "bob", "\(whoami.error)")

            let admin = ["--token=admin"]
            let asBob = try await Kubectl.run(
                rig, admin + ["--as=bob", "--as-group=dev", "auth", "can-i", "list", "pods"])
            #expect(asBob.output == "yes\n", "\(asBob.error)")
            let asNobody = try await Kubectl.run(rig, admin + ["--as=carol", "auth", "can-i", "list", "pods"])
            #expect(asNobody.output == "no\n")
            let thief = try await bob("--as=admin", "get", "pods", "p")
            #expect(
                thief.error.contains(#"users "admin" is forbidden: User "bob" cannot impersonate resource "users""#),
                "\(thief.error)")

            #expect(try await bob("logs", "p").output == "one\ntwo\n")
            let exec = try await bob("exec", "p", "--", "true")
            #expect(exec.code != 0)
            #expect(exec.error.contains(#"pods "p" is forbidden: User "bob" cannot"#), "\(exec.error)")
            #expect(try await Kubectl.run(rig, admin + ["exec", "p", "--", "true"]).code == 0)

            let token = try await Kubectl.run(rig, admin + ["create", "token", "agent", "--duration=1h"])
            #expect(token.code == 0, "\(token.error)")
            let text = token.output.split(separator: "\n").first.map(String.init) ?? ""
            let who = try await Kubectl.run(
                rig, ["--token=\(text)", "auth", "whoami", "-o", "jsonpath={.status.userInfo.username}"])
            #expect(who.output == "system:serviceaccount:default:agent", "\(who.error)")
            let wrong = try await Kubectl.run(rig, ["--token=wrong", "get", "pods", "p"])
            #expect(wrong.error.contains("Unauthorized") || wrong.error.contains("must be logged in"), "\(wrong.error)")
        }
    }
}
