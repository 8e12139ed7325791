import Foundation
import JSONTree
import LinuxHost
import SystemCalls
import YAMLTree

/// A kubeconfig with one cluster, one user and one context, everything embedded.
public struct Kubeconfig: Hashable, Sendable {
    public enum Credential: Hashable, Sendable {
        case certificate(CertificatePair)
        case token(String)
    }

    /// Name of the cluster and of the context.
    public var name: String
    /// `https://127.0.0.1:6443`
    public var server: String
    /// PEM.
    public var authority: String
    public var user: String
    public var credential: Credential
    /// Of the context; empty for none.
    public var namespace: String

    public init(
        name: String = "poplin", server: String, authority: String, user: String, credential: Credential,
        namespace: String = ""
    ) {
        self.name = name
        self.server = server
        self.authority = authority
        self.user = user
        self.credential = credential
        self.namespace = namespace
    }

    public var value: JSONValue {
        let userFields: JSONValue =
            switch credential {
            case .certificate(let pair):
                [
                    "client-certificate-data": .string(Self.base64(pair.certificate)),
                    "client-key-data": .string(Self.base64(pair.key)),
                ]
            case .token(let token): ["token": .string(token)]
            }
        var context: JSONValue = ["cluster": .string(name), "user": .string(user)]
        if !namespace.isEmpty { context = context.setting("namespace", to: .string(namespace)) }
        return [
            "apiVersion": "v1", "kind": "Config",
            "clusters": [
                [
                    "name": .string(name),
                    "cluster": [
                        "server": .string(server), "certificate-authority-data": .string(Self.base64(authority)),
                    ],
                ]
            ],
            "users": [["name": .string(user), "user": userFields]],
            "contexts": [["name": .string(name), "context": context]],
            "current-context": .string(name),
            "preferences": [:],
        ]
    }

    public func text() throws -> String { try YAMLWriter.text(value) }

    /// Whole or not at all, readable by its owner only.
    public func write(to path: String) throws {
        let text = try text()
        try AtomicFile.write(path, text.utf8, mode: 0o600, durability: .machine)
    }

    private static func base64(_ text: String) -> String { Data(text.utf8).base64EncodedString() }
}
