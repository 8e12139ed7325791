import Foundation
import JSONTree

/// A request to a real kube-apiserver (1.36.2) and what it answered, cut down to what a replay needs.
struct RecordedExchange {
    var name: String
    var method: String
    var target: String
    var headers: [(String, String)]
    var body: String
    var status: Int
    var answerHeaders: [(String, String)]
    var answer: String

    static let all: [RecordedExchange] = {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "Fixtures/kubernetes-transcripts/server")
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path(percentEncoded: false))) ?? []
        return names.sorted().compactMap { name in
            (try? String(contentsOf: folder.appending(path: name), encoding: .utf8)).flatMap {
                RecordedExchange(name: name.replacing(".http", with: ""), text: $0)
            }
        }
    }()

    init?(name: String, text: String) {
        let halves = text.components(separatedBy: "----- response -----\n")
        guard halves.count == 2 else { return nil }
        let (first, headers, body) = Self.message(halves[0])
        let words = first.split(separator: " ").map(String.init)
        let (status, answerHeaders, answer) = Self.message(halves[1])
        guard words.count >= 2, let code = status.split(separator: " ").dropFirst().first.flatMap({ Int($0) }) else {
            return nil
        }
        self.name = name
        method = words[0]
        target = words[1]
        self.headers = headers
        self.body = body
        self.status = code
        self.answerHeaders = answerHeaders
        self.answer = answer
    }

    private static func message(_ text: String) -> (first: String, headers: [(String, String)], body: String) {
        var lines = text.components(separatedBy: "\n")
        let first = lines.removeFirst()
        var headers: [(String, String)] = []
        while let line = lines.first, !line.isEmpty {
            lines.removeFirst()
            if let colon = line.range(of: ": ") {
                headers.append((String(line[..<colon.lowerBound]), String(line[colon.upperBound...])))
            }
        }
        let body = lines.joined(separator: "\n").trimmingCharacters(in: .whitespacesAndNewlines)
        return (first, headers, body)
    }
}

/// What a document is made of: each path with the kind of its value, list positions left out.
enum DocumentShape {
    static func of(_ node: JSONNode) -> Set<String> {
        var shape: Set<String> = []
        add(node, "", &shape)
        return shape
    }

    private static func add(_ node: JSONNode, _ path: String, _ shape: inout Set<String>) {
        shape.insert("\(path): \(node.kind)")
        for element in node.elements { add(element, path + "[]", &shape) }
        for (key, value) in node.members { add(value, "\(path).\(key)", &shape) }
    }
}
