import JSONTree
import KubernetesClient
import KubernetesModel
import Logging

/// Waits until the controllers' user may do its work. A lab's API server is started before `lab up` can apply the role
/// and its binding: watches begun before would be refused one by one, each with a line in the log.
struct AccessGate: Sendable {
    let client: ClusterClient
    let logger: Logger
    /// Between two questions.
    var pause = Duration.milliseconds(100)

    private static let reviews = GroupVersionResource(
        group: "authorization.k8s.io", version: "v1", resource: "selfsubjectaccessreviews")

    /// The question whether this user may list anything at all, as the collector does.
    private static let question: JSONValue = [
        "apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectAccessReview",
        "spec": ["resourceAttributes": ["verb": "list", "group": "*", "resource": "*"]],
    ]

    /// Until the user is allowed, or the task is cancelled. Who is not allowed after a while is told, once.
    func wait() async {
        var asked = 0
        while !Task.isCancelled {
            do throws(KubernetesFailure) {
                let answer = try await client.collection(Self.reviews).create(Self.question)
                if answer.at("status", "allowed")?.bool == true { return }
                asked += 1
                if asked == 100 {
                    logger.warning("this user may not list everything: its role is not bound yet, the controllers wait")
                }
            } catch {
                // A server that is not there yet, or has no such question: the watches say what is wrong.
                if error.status?.isNotFound == true { return }
            }
            try? await Task.sleep(for: pause)
        }
    }
}
