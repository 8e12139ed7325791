import Diagnosis
import JSONTree
import KubernetesClient
import KubernetesModel

/// Reads machines from pods made for it, one on each node: only where a person asked for that and named the image.
///
/// Each is marked, sees the machine's files read-only below /host, runs `poplin doctor collect` once, and is deleted
/// whatever became of it. What was made and run is listed with the commands.
struct DebugPods: Sendable {
    let run: CollectionRun
    let client: ClusterClient
    /// With poplin as its entrypoint.
    let image: String
    /// Seconds for pulling the image and for reading.
    var patience = 60

    /// Where privileged pods are let in nearly everywhere, and where nobody's quota is.
    static let namespace = "kube-system"
    static let mark = (key: "app.kubernetes.io/managed-by", value: "poplin-doctor")
    private static let container = "collect"
    private static let bundleLimit = 64 << 20

    private var pods: ResourceCollection { client.collection(Pod.resource, namespace: Self.namespace) }

    func read(_ nodes: [String]) async {
        for node in nodes { run.plan(EvidencePath.node(node)) }
        await removeOld()
        await forEach(nodes, atOnce: min(run.options.parallel, 8)) { await read($0) }
    }

    /// What an earlier run left that was killed: pods that have ended.
    private func removeOld() async {
        let query = ListOptions(labelSelector: "\(Self.mark.key)=\(Self.mark.value)", limit: nil)
        guard let old = try? await pods.all(query).items else { return }
        for pod in old where ["Succeeded", "Failed"].contains(pod.at("status", "phase")?.string ?? "") {
            if let name = pod.at("metadata", "name")?.string { await remove(name) }
        }
    }

    private func read(_ node: String) async {
        let path = EvidencePath.node(node)
        if Task.isCancelled { return }
        // Named here and not by the server: whatever becomes of the answer, it can be found and deleted.
        let name = "poplin-doctor-" + Self.suffix()
        // Not in this task either: what is half made when somebody interrupts is made, and then deleted.
        let failure = await Task { await make(name, node) }.value
        if let failure {
            let refusal = Refusal(failure)
            if refusal.isForbidden {
                run.noteAccess("create", "pods", namespace: Self.namespace, isAllowed: false)
            } else if failure.status == nil {
                _ = await Task { await remove(name) }.value
            }
            return run.addMissing(path, refusal.saying("create", "pods in \(Self.namespace)"))
        }
        let end = await outcome(of: name, on: node)
        // Not in this task: it may have been cancelled, and the pod has to go all the same.
        let isRemoved = await Task { await remove(name) }.value
        note(name, node, end.exitCode, isRemoved: isRemoved)
        if !isRemoved {
            run.addMissing(
                "\(path)debug-pod",
                "Pod/\(Self.namespace)/\(name) could not be deleted: kubectl -n \(Self.namespace) delete pod \(name)")
        }
        switch end.result {
        case .success(let bundle):
            bundle.add(to: run, via: "in a debug pod")
            run.close(path)
        case .failure(let refusal): run.addMissing(path, "Pod/\(Self.namespace)/\(name): \(refusal.reason)")
        }
    }

    // MARK: One pod

    private func make(_ name: String, _ node: String) async -> KubernetesFailure? {
        do throws(KubernetesFailure) {
            _ = try await pods.create(.object(manifest(node, name)))
            return nil
        } catch {
            return error
        }
    }

    /// Letters and digits that make no words, as the API server's own (apimachinery/pkg/util/rand).
    private static func suffix() -> String {
        let letters = Array("bcdfghjklmnpqrstvwxz2456789")
        return String((0..<8).map { _ in letters[Int.random(in: 0..<letters.count)] })
    }

    private struct End {
        var result: Result<NodeBundle, Refusal>
        var exitCode: Int64?
    }

    private func outcome(of name: String, on node: String) async -> End {
        let deadline = ContinuousClock.now + .seconds(patience)
        var last = "it did not start"
        var isHopeless = false
        while ContinuousClock.now < deadline, !Task.isCancelled {
            do { try await Task.sleep(for: .milliseconds(300)) } catch { break }
            guard let pod = try? await pods.get(name) else { continue }
            let state = pod.at("status", "containerStatuses")?[0]?.member("state")
            if let waiting = state?.at("waiting", "reason")?.string {
                last = [waiting, state?.at("waiting", "message")?.string ?? ""].filter { !$0.isEmpty }
                    .joined(separator: ": ")
                // It will not come right within a minute.
                if ["ErrImagePull", "ImagePullBackOff", "InvalidImageName", "CreateContainerConfigError"].contains(
                    waiting)
                {
                    isHopeless = true
                    break
                }
            }
            let phase = pod.at("status", "phase")?.string
            guard phase == "Succeeded" || phase == "Failed" else { continue }
            let code = state?.at("terminated", "exitCode")?.int
            return End(result: await bundle(of: name, on: node, pod), exitCode: code)
        }
        let reason = isHopeless ? last : "no answer within \(patience) s: \(last)"
        return End(result: .failure(Refusal(reason)), exitCode: nil)
    }

    private func bundle(of name: String, on node: String, _ pod: JSONNode) async -> Result<NodeBundle, Refusal> {
        do throws(Refusal) {
            let answer = try await run.ask(
                Pod.resource.path(namespace: Self.namespace, name: name, subresource: "log"),
                [KubernetesField("container", Self.container)], limit: Self.bundleLimit, accept: "*/*")
            return .success(try NodeBundle(answer.body, node: node))
        } catch {
            let reason = pod.at("status", "message")?.string ?? pod.at("status", "reason")?.string
            return .failure(reason.map { Refusal("\($0) (\(error.reason))") } ?? error)
        }
    }

    /// True when it is gone, or was never there.
    @discardableResult
    private func remove(_ name: String) async -> Bool {
        for attempt in 1...3 {
            do throws(KubernetesFailure) {
                try await pods.delete(name, DeleteOptions(gracePeriodSeconds: 0))
                return true
            } catch {
                if error.status?.isNotFound == true { return true }
                if attempt < 3 { try? await Task.sleep(for: .milliseconds(500)) }
            }
        }
        return false
    }

    private func note(_ name: String, _ node: String, _ exitCode: Int64?, isRemoved: Bool) {
        run.noteExecuted(
            .object([
                JSONMember("namespace", .string(Self.namespace)), JSONMember("pod", .string(name)),
                JSONMember("container", .string(Self.container)), JSONMember("node", .string(node)),
                JSONMember("image", .string(image)),
                JSONMember("command", .array((["poplin"] + Self.arguments(node)).map { .string($0) })),
                JSONMember("exitCode", exitCode.map { .int($0) } ?? .null), JSONMember("created", true),
                JSONMember("deleted", .bool(isRemoved)),
            ]))
    }

    // MARK: The pod

    private static func arguments(_ node: String) -> [String] {
        ["doctor", "collect", "--node", "--name", node, "--root", "/host", "-o", "-"]
    }

    /// On that node whatever its taints are, and without the scheduler: it may be what ails.
    func manifest(_ node: String, _ name: String) -> [JSONMember] {
        let spec: JSONValue = [
            "nodeName": .string(node), "hostNetwork": true, "hostPID": true, "restartPolicy": "Never",
            "automountServiceAccountToken": false, "enableServiceLinks": false, "terminationGracePeriodSeconds": 0,
            // Should nobody be there to delete it, it ends by itself.
            "activeDeadlineSeconds": .int(Int64(patience * 2)), "tolerations": [["operator": "Exists"]],
            "containers": [
                [
                    "name": .string(Self.container), "image": .string(image), "imagePullPolicy": "IfNotPresent",
                    "args": .array(Self.arguments(node).map { .string($0) }),
                    // Packet filters, BPF and the kernel's log are root's alone; files are only read.
                    "securityContext": ["privileged": true, "readOnlyRootFilesystem": true],
                    "volumeMounts": [
                        [
                            "name": "host", "mountPath": "/host", "readOnly": true,
                            "mountPropagation": "HostToContainer",
                        ]
                    ],
                ]
            ],
            "volumes": [["name": "host", "hostPath": ["path": "/"]]],
        ]
        return [
            JSONMember("apiVersion", "v1"), JSONMember("kind", "Pod"),
            JSONMember(
                "metadata",
                .object([
                    JSONMember("name", .string(name)), JSONMember("namespace", .string(Self.namespace)),
                    JSONMember("labels", .object([JSONMember(Self.mark.key, .string(Self.mark.value))])),
                    JSONMember(
                        "annotations",
                        ["poplin.dev/purpose": "reads this node once for poplin doctor, and is deleted then"]),
                ])), JSONMember("spec", spec),
        ]
    }
}
