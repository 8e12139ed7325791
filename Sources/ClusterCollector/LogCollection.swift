import Diagnosis
import KubernetesClient
import KubernetesModel

/// Ends of containers' logs.
struct LogCollection: Sendable {
    let run: CollectionRun
    private static let lines = 500

    /// One piece for each container.
    func work(_ containers: [Subjects.Container]) -> [@Sendable () async -> Void] {
        for container in containers { run.plan(path(of: container)) }
        return containers.map { container in { await read(container) } }
    }

    private func path(of container: Subjects.Container) -> String {
        EvidencePath.log(container.namespace, container.pod, container.container, previous: container.isPrevious)
    }

    private func read(_ container: Subjects.Container) async {
        let path = path(of: container)
        let name = "logs of \(container.namespace)/\(container.pod)"
        if let reason = run.takeOne() { return run.addMissing(path, reason) }
        var query = [
            KubernetesField("container", container.container), KubernetesField("tailLines", String(Self.lines)),
        ]
        if container.isPrevious { query.append(KubernetesField("previous", "true")) }
        if let seconds = container.seconds { query.append(KubernetesField("sinceSeconds", String(seconds))) }
        let request = KubernetesRequest(
            .get, path: Pod.resource.path(namespace: container.namespace, name: container.pod, subresource: "log"),
            query: query, headers: [KubernetesField("Accept", "*/*")], timeout: .seconds(run.options.requestTimeout))
        let tail = LogTail(limit: run.options.logBytes)
        let failure = await withTaskGroup(of: Refusal?.self) { group in
            group.addTask { await stream(request, into: tail) }
            group.addTask { [seconds = run.options.requestTimeout] in
                do { try await Task.sleep(for: .seconds(seconds)) } catch { return nil }
                return Refusal("no end of it within \(seconds) s")
            }
            let first = await group.next() ?? nil
            group.cancelAll()
            return first
        }
        let text = await tail.bytes
        let isCut = await tail.isCut
        if let failure, text.isEmpty {
            if failure.isForbidden {
                run.noteAccess("get", "pods/log", namespace: container.namespace, isAllowed: false)
            }
            return run.addMissing(path, failure.saying("get", name))
        }
        let scope = container.isPrevious ? " --previous" : ""
        run.add(
            text, at: path,
            FactSource(
                "\(container.namespace)/\(container.pod) \(container.container)\(container.isPrevious ? " (previous)" : "") log",
                command:
                    "kubectl -n \(container.namespace) logs \(container.pod) -c \(container.container)\(scope) --tail=\(Self.lines)",
                age: 0), isTruncated: isCut || failure != nil)
    }

    private func stream(_ request: KubernetesRequest, into tail: LogTail) async -> Refusal? {
        do throws(KubernetesFailure) {
            let response = try await run.transport.stream(request)
            var iterator = response.body.makeAsyncIterator()
            while let chunk = try await iterator.next(isolation: #isolation) { await tail.add(chunk) }
            return nil
        } catch {
            return Refusal(error)
        }
    }
}

/// The end of something long: its beginning is let go in whole lines.
actor LogTail {
    private let limit: Int
    private var all: [UInt8] = []
    private(set) var isCut = false

    init(limit: Int) { self.limit = limit }

    func add(_ chunk: [UInt8]) {
        all += chunk
        if all.count > 2 * limit { cut() }
    }

    private func cut() {
        guard all.count > limit else { return }
        isCut = true
        all.removeFirst(all.count - limit)
        if let newline = all.firstIndex(of: 0x0A) { all.removeFirst(newline + 1) }
    }

    var bytes: [UInt8] {
        cut()
        return all
    }
}
