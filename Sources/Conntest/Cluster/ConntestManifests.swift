import JSONTree

/// The objects of a test: a namespace, and a DaemonSet for each role.
enum ConntestManifests {
    static let label = "poplin.dev/conntest"

    static func namespace(_ name: String) -> JSONValue {
        [
            "apiVersion": "v1", "kind": "Namespace",
            "metadata": [
                "name": .string(name),
                "labels": [
                    "poplin.dev/conntest": "true",
                    // Pods in the nodes' network are in it (Pod Security Standards).
                    "pod-security.kubernetes.io/enforce": "privileged",
                    "pod-security.kubernetes.io/warn": "privileged",
                ],
            ],
        ]
    }

    /// - Parameter hostPort: of the nodes, behind which peers answer.
    static func daemonSet(
        _ role: Participant.Role, image: String, program: String, hostPort: UInt16 = TestMatrix.hostPort
    ) -> JSONValue {
        let name = JSONValue.string(role.rawValue)
        let port = Int64(TestMatrix.port)
        var ports: [JSONValue] = []
        if role == .peer {
            ports = ["TCP", "UDP"].map { transport in
                [
                    "containerPort": .int(port), "hostPort": .int(Int64(hostPort)),
                    "protocol": .string(transport), "name": .string("echo-\(transport.lowercased())"),
                ]
            }
        }
        return [
            "apiVersion": "apps/v1", "kind": "DaemonSet", "metadata": ["name": name],
            "spec": [
                "selector": ["matchLabels": ["poplin.dev/conntest-role": name]],
                "template": [
                    "metadata": ["labels": ["poplin.dev/conntest-role": name]],
                    "spec": [
                        "hostNetwork": .bool(role == .host), "automountServiceAccountToken": false,
                        "enableServiceLinks": false, "terminationGracePeriodSeconds": 1,
                        "containers": [
                            [
                                "name": "conntest", "image": .string(image), "imagePullPolicy": "IfNotPresent",
                                // A name alone is what the image begins with; a path is said.
                                "command": program.contains("/") ? [.string(program)] : .null,
                                "args": ["conntest", "serve", "--port", .string(String(port))],
                                "env": [
                                    [
                                        "name": "POPLIN_CONNTEST_NAME",
                                        "valueFrom": ["fieldRef": ["fieldPath": "metadata.name"]],
                                    ]
                                ], "ports": .array(ports),
                                "securityContext": [
                                    "allowPrivilegeEscalation": false,
                                    "capabilities": ["drop": ["ALL"], "add": ["NET_RAW"]],
                                ],
                            ]
                        ],
                    ],
                ],
            ],
        ]
    }

    /// The first port from ``TestMatrix/hostPort`` on that no pod of the cluster has on its node.
    ///
    /// - Parameter pods: Pod objects.
    static func freeHostPort(besides pods: [JSONNode]) -> UInt16 {
        var taken: Set<Int64> = [Int64(TestMatrix.port)]
        for pod in pods {
            let isOnHost = pod.at("spec", "hostNetwork")?.bool == true
            let containers = ["containers", "initContainers"].flatMap { list in
                pod.at("spec", list)?.elements.map { $0 } ?? []
            }
            for port in containers.flatMap({ $0.member("ports")?.elements.map { $0 } ?? [] }) {
                if let number = port.member("hostPort")?.int { taken.insert(number) }
                if isOnHost, let number = port.member("containerPort")?.int { taken.insert(number) }
            }
        }
        return (TestMatrix.hostPort...UInt16.max).first { !taken.contains(Int64($0)) } ?? TestMatrix.hostPort
    }
}
