import Diagnosis
import JSONTree
import LinuxHost
import NIOCore
import NIOHTTP2
import NIOPosix
import SystemCalls

/// Asks a machine's container runtime over its CRI socket what sandboxes it has and whether it is well: what crictl would
/// print. It begins when it is made and goes on while its maker reads other things; ``evidence()`` waits for the end.
///
/// Nothing is changed: Version, Status, ListPodSandbox and PodSandboxStatus only look.
public final class RuntimeReading: Sendable {
    public struct Options: Sendable {
        /// The name the evidence is kept under.
        public var node: String
        /// Where the machine's root file system is seen.
        public var root: String
        /// Milliseconds until what is there must do: one that is well answers in tens of them.
        public var limit: Int64
        /// A socket; nil for the one that the machine's configuration names, or the first of the usual ones.
        public var socket: String?

        public init(node: String, root: String = "/", limit: Int64 = 2000, socket: String? = nil) {
            self.node = node
            self.root = root
            self.limit = limit
            self.socket = socket
        }
    }

    /// Sandboxes that are asked about each by itself.
    private static let most = 500

    private struct Answers: Sendable {
        var version: [UInt8]?
        var status: Result<[UInt8], CallFailure>
        var list: Result<[UInt8], CallFailure>
        var sandboxes: [String: [UInt8]] = [:]
        var left = 0
    }

    private let options: Options
    private let socket: String?
    private let answers: EventLoopFuture<Answers>?

    public init(_ options: Options) {
        self.options = options
        socket = RuntimeEndpoint.find(options)
        answers = socket.map { Self.begin(options.seen($0), limit: .milliseconds(options.limit)) }
    }

    // MARK: Asking

    private static func begin(_ path: String, limit: TimeAmount) -> EventLoopFuture<Answers> {
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let deadline = NIODeadline.now() + limit
        let connection = ClientBootstrap(group: loop).connectTimeout(limit)
            .connect(unixDomainSocketPath: path)
            .flatMap { channel in
                channel.configureHTTP2Pipeline(
                    mode: .client, connectionConfiguration: .init(), streamConfiguration: .init(),
                    inboundStreamInitializer: { $0.close() }
                ).map { Connection(channel: channel, streams: $0, deadline: deadline) }
            }
        return connection.flatMap { connection in
            connection.answers(most: most).always { _ in connection.channel.close(promise: nil) }
        }
        .flatMapError { error in
            let failure = error as? CallFailure ?? CallFailure(status: nil, reason: "\(error)")
            return loop.makeSucceededFuture(Answers(status: .failure(failure), list: .failure(failure)))
        }
    }

    /// An open connection to a runtime.
    private struct Connection: Sendable {
        let channel: any Channel
        let streams: NIOHTTP2Handler.StreamMultiplexer
        let deadline: NIODeadline

        func call(_ service: String, _ method: String, _ message: [UInt8]) -> EventLoopFuture<[UInt8]> {
            let promise = channel.eventLoop.makePromise(of: [UInt8].self)
            let path = "/\(service)/\(method)"
            streams.createStreamChannel { stream in
                stream.eventLoop.makeCompletedFuture {
                    try stream.pipeline.syncOperations.addHandler(UnaryCall(path, message, answer: promise))
                }
            }.whenFailure { promise.fail($0) }
            let late = channel.eventLoop.scheduleTask(deadline: deadline) {
                promise.fail(CallFailure(status: nil, reason: "the runtime did not answer \(method) in time"))
            }
            promise.futureResult.whenComplete { _ in late.cancel() }
            return promise.futureResult
        }

        func result(_ service: String, _ method: String, _ message: [UInt8]) -> EventLoopFuture<
            Result<[UInt8], CallFailure>
        > {
            call(service, method, message).map { .success($0) }.flatMapError { error in
                let failure = error as? CallFailure ?? CallFailure(status: nil, reason: "\(error)")
                return channel.eventLoop.makeSucceededFuture(.failure(failure))
            }
        }

        /// containerd before 1.6 and CRI-O before 1.20 speak the older version only.
        func answers(most: Int) -> EventLoopFuture<Answers> {
            let current = "runtime.v1.RuntimeService"
            return result(current, "Version", RuntimeAnswers.version).flatMap { version in
                if case .failure(let failure) = version, failure.isUnknown {
                    return answers(of: "runtime.v1alpha2.RuntimeService", nil, most)
                }
                return answers(of: current, try? version.get(), most)
            }
        }

        private func answers(of service: String, _ version: [UInt8]?, _ most: Int) -> EventLoopFuture<Answers> {
            let status = result(service, "Status", RuntimeAnswers.status)
            let list = result(service, "ListPodSandbox", [])
            return status.and(list).flatMap { status, list in
                var answers = Answers(version: version, status: status, list: list)
                let all = (try? list.get()).flatMap { RuntimeAnswers.sandboxes($0) } ?? []
                // Those that run are worth more than those that ended.
                let asked = (all.filter(\.isReady) + all.filter { !$0.isReady }).prefix(most).map(\.id)
                answers.left = all.count - asked.count
                let calls = asked.map { id in
                    result(service, "PodSandboxStatus", RuntimeAnswers.sandboxStatus(of: id)).map {
                        (id, try? $0.get())
                    }
                }
                let begun = answers
                return EventLoopFuture.whenAllSucceed(calls, on: channel.eventLoop).map { told in
                    var answers = begun
                    for (id, answer) in told { answers.sandboxes[id] = answer }
                    return answers
                }
            }
        }
    }

    // MARK: What was said

    /// Waits until the runtime has answered, or time is up. Not to be called on an event loop.
    public func evidence() -> EvidenceTree {
        var tree = EvidenceTree(collectedAt: Int64(Clock.now() / 1_000_000_000))
        let folder = EvidencePath.node(options.node)
        let parts: [NodeEvidence.Part] = [.runtime, .sandboxes]
        guard let socket, let answers else {
            for part in parts {
                tree.addMissing(folder + part.path, because: "there is no socket of a container runtime")
            }
            return tree
        }
        // It never fails: failures are answers.
        guard let answers = try? answers.wait() else { return tree }
        func add(_ value: JSONValue, _ part: NodeEvidence.Part, _ command: String) {
            let source = FactSource("\(options.node): \(command)", command: command, age: 0)
            tree.add(EvidenceTree.Document(value.serialized(), from: source), at: folder + part.path)
        }
        func miss(_ part: NodeEvidence.Part, _ reason: String) {
            tree.addMissing(folder + part.path, because: "\(socket): \(reason)")
        }
        switch answers.status {
        case .failure(let failure): miss(.runtime, failure.reason)
        case .success(let status):
            if let value = RuntimeAnswers.information(version: answers.version, status: status, socket: socket) {
                add(value, .runtime, "crictl info")
            } else {
                miss(.runtime, "its status cannot be read")
            }
        }
        switch answers.list {
        case .failure(let failure): miss(.sandboxes, failure.reason)
        case .success(let list):
            if let sandboxes = RuntimeAnswers.sandboxes(list) {
                let items = sandboxes.map { $0.value(answers.sandboxes[$0.id]) }
                add(.object([JSONMember("items", .array(items))]), .sandboxes, "crictl pods -o json")
                if answers.left > 0 {
                    tree.addMissing(
                        folder + "crictl-inspectp/",
                        because: "\(answers.left) sandboxes more than the \(Self.most) that are asked about")
                }
            } else {
                miss(.sandboxes, "its list of sandboxes cannot be read")
            }
        }
        return tree
    }
}

extension RuntimeReading.Options {
    /// Where the machine's file of this path is seen from here.
    func seen(_ path: String) -> String { root == "/" || root.isEmpty ? path : root + path }
}
