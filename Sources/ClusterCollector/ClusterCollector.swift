import Diagnosis
import JSONTree
import KubernetesClient
import KubernetesModel

/// Reads what can be seen of a cluster through its API, and writes it as evidence.
///
/// It never fails: what the server refuses, does not answer in time or does not have is in the evidence as missing, with
/// the verb, the resource and the reason. It reads only; with ``ClusterCollectorOptions/executes`` it also runs the
/// commands of ``AgentCommand`` in agents' pods, all of which only read, and lists each of them. With
/// ``ClusterCollectorOptions/debugImage`` it makes a pod on each node, and deletes it: the one thing it writes.
public struct ClusterCollector: Sendable {
    private let client: ClusterClient
    private let options: ClusterCollectorOptions

    public init(client: ClusterClient, _ options: ClusterCollectorOptions = ClusterCollectorOptions()) {
        var client = client
        client.requestTimeout = .seconds(options.requestTimeout)
        self.client = client
        self.options = options
    }

    /// Knocks once. A failure is one after which nothing at all can be had: nobody answers, who answers is not trusted or
    /// does not know us. A server that is slow or broken in parts is worth asking.
    public func contact() async throws(KubernetesFailure) {
        try await knock()
        // Some servers tell anybody their version. Who is not known to it gets nothing else.
        let nodes = KubernetesRequest(
            .get, path: "/api/v1/nodes", query: [KubernetesField("limit", "1")],
            timeout: .seconds(options.requestTimeout))
        do throws(KubernetesFailure) {
            _ = try await client.transport.answer(nodes, limit: 4 << 20)
        } catch {
            if error.status?.code == 401 { throw error }
        }
    }

    private func knock() async throws(KubernetesFailure) {
        let request = KubernetesRequest(.get, path: "/version", timeout: .seconds(options.requestTimeout))
        for attempt in 1...2 {
            do throws(KubernetesFailure) {
                let answer = try await client.transport.answer(request, limit: 1 << 20)
                if (try? answer.document())?.member("gitVersion") != nil { return }
                throw KubernetesFailure(
                    .malformed("what answers to /version does not say which version of Kubernetes it is"),
                    origin: client.transport.origin, request: "GET /version")
            } catch {
                switch error.kind {
                case .unreachable, .tls, .authentication, .malformed, .timedOut: throw error
                // What every API server has is not there, or somebody wants us elsewhere: a portal, another server.
                case .status(let status) where (300..<400).contains(status.code) || status.code == 404:
                    var failure = error
                    failure.kind = .malformed("/version is answered with \(status.code)")
                    throw failure
                case .status(let status) where status.code == 401: throw error
                // A server that is starting says so, and a connection may break: once.
                case .status(let status) where status.code >= 500: if attempt == 2 { throw error }
                case .cutOff: if attempt == 2 { throw error }
                default: return
                }
            }
            do { try await Task.sleep(for: .milliseconds(500)) } catch { return }
        }
    }

    /// - Parameter progress: told what is being read, in a few words.
    public func collect(progress: @escaping @Sendable (String) -> Void = { _ in }) async -> EvidenceTree {
        let run = CollectionRun(client, options)
        await withTaskGroup(of: Bool.self) { group in
            group.addTask {
                await read(run, progress)
                return true
            }
            group.addTask {
                do { try await Task.sleep(for: .seconds(options.deadline)) } catch { return true }
                return false
            }
            if await group.next() == false { run.expire() }
            group.cancelAll()
        }
        return run.finish()
    }

    private func read(_ run: CollectionRun, _ progress: @escaping @Sendable (String) -> Void) async {
        for wanted in WantedResource.all { run.plan(EvidencePath.resource(wanted.name)) }
        run.plan(EvidencePath.version)
        run.plan(EvidencePath.certificates)
        run.plan(EvidencePath.resource("configmaps"))
        progress("what the API server serves")
        let counted = run.counted(client)
        let reader = ResourceReader(run: run)
        await reader.readVersion()
        let served: ServedResources?
        do throws(KubernetesFailure) {
            served = try await Discovery(counted).resources()
        } catch {
            // Without it the resources that every cluster has are still asked for by name.
            served = nil
            run.addMissing("cluster/discovery.json", Refusal(error).saying("get", "/apis"))
        }
        progress("objects")
        await reader.readLists(reader.plan(served))
        await reader.readCertificates()

        // Which pods matter is decided by the same facts that checks see.
        let facts = FactBase(reading: run.tree)
        let subjects = Subjects(of: facts, options)
        run.leaveOut(subjects.leftOut)
        progress("configuration of \(subjects.namespaces.count) namespaces")
        await reader.readConfigMaps(in: subjects.namespaces)
        progress("logs of \(subjects.logs.count) containers, kubelets and metrics")
        // All of it at once: a node that is away makes each of its own wait, and nothing else.
        let work =
            LogCollection(run: run).work(subjects.logs)
            + KubeletCollection(run: run).work(subjects.kubelets, pods: subjects.throttled)
            + MetricsCollection(run: run).work(subjects.metrics)
        await forEach(work, atOnce: options.parallel) { await $0() }
        if let image = options.debugImage {
            progress("\(subjects.kubelets.count) machines, from pods of \(image)")
            await DebugPods(run: run, client: client, image: image).read(subjects.kubelets)
        }
        if options.executes {
            progress("commands in \(subjects.executors.count) agents' pods")
            await CommandCollection(run: run).read(subjects.executors)
        }
    }
}

/// Work on many things, so many of them at a time. When the task is cancelled no more is begun.
func forEach<Item: Sendable>(
    _ items: [Item], atOnce: Int, _ body: @escaping @Sendable (Item) async -> Void
) async {
    await withTaskGroup(of: Void.self) { group in
        var waiting = items[...]
        for _ in 0..<max(1, atOnce) {
            guard let item = waiting.popFirst() else { break }
            group.addTask { await body(item) }
        }
        while await group.next() != nil {
            if Task.isCancelled { continue }
            if let item = waiting.popFirst() { group.addTask { await body(item) } }
        }
    }
}
