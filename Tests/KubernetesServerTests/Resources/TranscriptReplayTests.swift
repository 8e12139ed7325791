import Foundation
import JSONTree
import KubernetesModel
import NIOHTTP1
import Synchronization
import Testing

@testable import KubernetesServer

/// The requests that were sent to a real kube-apiserver, sent to ours in the same order; status, kind, reason and the
/// shape of every answer are compared with what was recorded.
@Suite("Recorded exchanges, replayed")
struct TranscriptReplayTests {
    @Test("every answer has the recorded status and shape")
    func replay() async throws {
        let directory = NSTemporaryDirectory() + "replay-" + UUID().uuidString
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let store = try ObjectStore(directory: directory)
        defer { store.close() }
        let server = ResourceServer(store: store, next: NothingElse(), address: "10.99.0.1:16443")
        try await server.prepare()
        #expect(RecordedExchange.all.count > 70, "the fixtures are there")
        for exchange in RecordedExchange.all {
            try await Self.prepare(for: exchange, server)
            let request = try #require(Self.request(of: exchange))
            let response = await server.handle(request)
            let (status, body) = (response.status, try await Self.body(of: response))
            #expect(status == exchange.status, "\(exchange.name): \(String(decoding: body.prefix(600), as: UTF8.self))")
            let differences = Self.differences(exchange, body)
            #expect(differences.isEmpty, "\(exchange.name): \(differences.joined(separator: "\n  "))")
            let warnings = response.headers[canonicalForm: "warning"].map { String($0) }
            #expect(warnings == exchange.answerHeaders.filter { $0.0 == "Warning" }.map(\.1), "\(exchange.name)")
        }
    }

    /// What the recording's author did besides: objects that were made without being written down.
    private static func prepare(for exchange: RecordedExchange, _ server: ResourceServer) async throws {
        guard exchange.name.hasSuffix("list-limit2-page1") else { return }
        for index in 0..<7 {
            let body = #"{"metadata":{"name":"cm\#(index)"},"data":{"k":"\#(index)"}}"#
            let request = try #require(
                ServerRequest(
                    .post, target: "/api/v1/namespaces/tx/configmaps", headers: ["User-Agent": "transcript/1.0"],
                    body: Array(body.utf8)))
            let response = await server.handle(request)
            #expect(response.status == 201)
        }
    }

    private static func request(of exchange: RecordedExchange) -> ServerRequest? {
        var headers = HTTPHeaders(exchange.headers)
        headers.add(name: "User-Agent", value: "transcript/1.0")
        // Watches end by themselves; one second is enough for what there is.
        let target = exchange.target.replacing(/timeoutSeconds=\d+/, with: "timeoutSeconds=1")
        return ServerRequest(
            ServerRequest.Method(exchange.method), target: target, headers: headers, body: Array(exchange.body.utf8))
    }

    static func body(of response: ServerResponse) async throws -> [UInt8] {
        switch response.body {
        case .whole(let bytes): return bytes
        case .stream(let produce):
            let writer = CollectingWriter()
            try await produce(writer)
            return writer.bytes.withLock { $0 }
        case .upgrade: return []
        }
    }

    // MARK: Comparing

    private static func differences(_ exchange: RecordedExchange, _ body: [UInt8]) -> [String] {
        let text = String(decoding: body, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
        let isWatch = exchange.target.contains("watch=1") && exchange.status == 200
        let (ours, theirs) = isWatch ? (lines(text), lines(exchange.answer)) : (shape(text), shape(exchange.answer))
        guard let ours, let theirs else { return text == exchange.answer ? [] : ["not JSON: \(text.prefix(200))"] }
        var differences: [String] = []
        for (mark, left, right) in [("missing", theirs, ours), ("extra", ours, theirs)] {
            for line in left.subtracting(right).sorted() where !isAllowed("\(mark) \(line)", exchange.name) {
                differences.append("\(mark) \(line)")
            }
        }
        if exchange.status >= 400, let own = try? JSONTree(parsing: text).root,
            let recorded = try? JSONTree(parsing: exchange.answer).root
        {
            for key in ["kind", "reason", "message"] {
                let (left, right) = (plain(own.member(key)), plain(recorded.member(key)))
                if left != right, !isAllowed("\(key) differs", exchange.name) {
                    differences.append("\(key) differs: \(left) instead of \(right)")
                }
            }
        }
        return differences
    }

    /// Numbers and identifiers are those of another cluster.
    private static func plain(_ node: JSONNode?) -> String {
        (node?.string ?? "").replacing(/[0-9a-f]{8}-[0-9a-f-]{27}/, with: "UID").replacing(
            /current: \d+/, with: "current")
    }

    private static func shape(_ text: String) -> Set<String>? {
        (try? JSONTree(parsing: text).root).map(DocumentShape.of)
    }

    private static func lines(_ text: String) -> Set<String>? {
        var shape: Set<String> = []
        for line in text.split(separator: "\n") {
            guard let root = try? JSONTree(parsing: String(line)).root else { return nil }
            let type = root.member("type")?.string ?? ""
            for path in DocumentShape.of(root) { shape.insert("\(type) \(path)") }
        }
        return shape
    }

    /// Where the embedded server is different on purpose, or the recorded cluster had what ours has not: transcript (a
    /// part of its name), difference (its beginning), why.
    private static let allowed: [(transcript: String, difference: String, reason: String)] = [
        ("node", "missing .spec.taints", "no node life cycle controller takes the taint away again"),
        ("node", "missing .status.nodeInfo", "Go writes the empty fields of a structure; we leave them out"),
        ("node", "missing .status.daemonEndpoints", "the same"),
        ("node", "missing .metadata.annotations.node.alpha", "written by a controller of the recorded cluster"),
        ("node", "missing .metadata.managedFields[].fieldsV1.f:metadata.f:annotations.f:node.alpha", "the same"),
        ("nodes-list", "extra .items[]", "the recorded list was of another moment, without nodes"),
        ("list-bad-continue", "message differs", "our tokens are other tokens, and say so"),
        ("watchlist", "missing BOOKMARK .object.spec", "Go writes the empty fields of a structure"),
        ("pod", "missing .status.conditions[].lastProbeTime: null", "Go writes a time that is not set as null"),
        ("pod", "missing .items[].status.conditions[].lastProbeTime: null", "the same"),
        (
            "pod", "missing .metadata.managedFields[].fieldsV1.f:status.f:conditions.k:{\"type\":\"Ready\"}.f:last",
            "the same"
        ),
        (
            "pod",
            "missing .items[].metadata.managedFields[].fieldsV1.f:status.f:conditions.k:{\"type\":\"Ready\"}.f:last",
            "the same"
        ),
        (
            "pod",
            "missing .rows[].object.metadata.managedFields[].fieldsV1.f:status.f:conditions.k:{\"type\":\"Ready\"}.f:last",
            "the same"
        ),
        ("event-create", "extra .metadata.managedFields[].fieldsV1.f:source..", "Go has the structure in every object"),
        ("crd", "extra .metadata.managedFields[].fieldsV1.f:spec.f:names..", "the same"),
        ("crd", "extra .metadata.managedFields[].fieldsV1.f:status.f:conditions..", "the same"),
        ("event-create", "missing .eventTime: null", "Go writes a time that is not set as null"),
        ("cr-list-when-ready", "extra .items[]", "the recorded list was of another moment"),
        ("deletecollection", "missing .items[]", "the recorded namespace had configuration maps of OpenShift"),
        ("discovery", "missing ", "the recorded cluster served more groups"),
        ("svc-list-all", "missing .items[].metadata.managedFields", "our first service is made without a manager"),
    ]

    private static func isAllowed(_ difference: String, _ name: String) -> Bool {
        allowed.contains { name.contains($0.transcript) && difference.hasPrefix($0.difference) }
    }
}

struct NothingElse: RequestHandler {
    func handle(_ request: ServerRequest) async -> ServerResponse { .text("404 page not found\n", status: 404) }
}

final class CollectingWriter: ResponseWriter {
    let bytes = Mutex<[UInt8]>([])

    func write(_ more: [UInt8]) async throws(ResponseClosed) { bytes.withLock { $0 += more } }
}
