import Addressing
import JSONTree

/// What aws-node says when EC2 refuses it, or cannot be reached.
struct AWSDaemonLogs {
    /// That addresses or blocks are short, in EC2's own words.
    private(set) var shortage: (code: String, evidence: Diagnosis.Evidence)?
    /// The line alone leaves open whether the subnet is full or in pieces.
    private(set) var isOpen = false
    private var refused: (pod: PodView, evidence: Diagnosis.Evidence)?
    private var unreachable: (pod: PodView, evidence: Diagnosis.Evidence)?
    private let facts: FactBase

    init(_ facts: FactBase, _ aws: AWSFacts) {
        self.facts = facts
        guard let agent = aws.agent else { return }
        let selector = ServiceMap.strings(agent["spec", "selector", "matchLabels"])
        for pod in facts.pods where pod.namespace == agent.namespace && pod.matches(selector) {
            // What it may not do it also writes as an event of its pod.
            if refused == nil, let event = facts.events(ofPod: pod.object, "MissingIAMPermissions").last {
                refused = (pod, .init(event.message, from: event.source))
            }
            // The daemon writes most of it to a file of its machine.
            let files = [NodeEvidence.Part("logs/ipamd.log")].compactMap { part in
                pod.node.isEmpty ? nil : facts.machine(pod.node)?[part]
            }
            for document in facts.logs(pod.namespace, pod.name) + files {
                for line in document.lines.suffix(400) {
                    let evidence = Diagnosis.Evidence(String(line), from: document.source)
                    let causes = LogReader.mechanisms(of: String(line))
                    for cause in causes {
                        switch cause.code {
                        case "AWS-03" where cause.confidence == .certain: shortage = ("AWS-03", evidence)
                        // No sixteen in a row are free; whether single ones are, the subnet's own count tells.
                        case "AWS-03" where line.contains("InsufficientCidrBlocks"):
                            shortage = ("AWS-03", evidence)
                            isOpen = true
                        case "AWS-02" where cause.confidence == .certain:
                            if shortage?.code != "AWS-03" { shortage = ("AWS-02", evidence) }
                        // Who was not reached has refused nothing.
                        case "AWS-04" where causes.first?.code == "AWS-04" && !Self.isUnanswered(line):
                            refused = refused ?? (pod, evidence)
                        case "AWS-07": if !pod.isReady { unreachable = unreachable ?? (pod, evidence) }
                        default: break
                        }
                    }
                }
            }
        }
    }

    private static func isUnanswered(_ line: some StringProtocol) -> Bool {
        ["i/o timeout", "connection refused", "no such host", "no route to host", "deadline exceeded"].contains {
            line.contains($0)
        }
    }

    func findings(_ asking: [SandboxFailures.Failure]) -> [Diagnosis] {
        if let refused {
            let text = refused.evidence.text
            // `not authorized to perform: ec2:X`, `failed to call ec2:X due to missing permissions`.
            let action = (text.firstRange(of: "perform: ") ?? text.firstRange(of: "failed to call ")).map { range in
                String(text[range.upperBound...].prefix { $0.isLetter || $0.isNumber || $0 == ":" })
            }
            // `User: arn:aws:sts::1234:assumed-role/ROLE/i-0abc is not authorized to perform: ...`
            let role = text.firstRange(of: ":assumed-role/").map { range in
                String(text[range.upperBound...].prefix { $0 != "/" && $0 != " " })
            }
            let name = role ?? "ROLE"
            let policy = "--policy-arn arn:aws:iam::aws:policy/AmazonEKS_CNI_Policy"
            return [
                .of(
                    "AWS-04", "the role of \(refused.pod.node) may not \(action ?? "ask EC2")", .certain,
                    at: [refused.pod.object.place], evidence: [refused.evidence] + asking.evidence,
                    because: ["EC2 answers 403: no policy of the role allows \(action ?? "the action")"],
                    explains: asking.symptoms.union(refused.pod.symptoms),
                    fix: .init(
                        [
                            "aws iam attach-role-policy --role-name \(name) \(policy)"
                                + (role == nil ? " # ROLE: of the node or of the agent's account" : "")
                        ],
                        undo: "aws iam detach-role-policy --role-name \(name) \(policy)", risk: "none for others",
                        seconds: 30),
                    deadEnds: ["changing RBAC in the cluster: it is the cloud that refuses"])
            ]
        }
        guard let unreachable else { return [] }
        let region =
            facts.objects("nodes").lazy.compactMap { $0.labels["topology.kubernetes.io/region"] }.first ?? "REGION"
        return [
            .of(
                "AWS-07", "the address daemon of \(unreachable.pod.node) does not come up", .likely,
                at: [unreachable.pod.object.place], evidence: [unreachable.evidence],
                because: ["it waits for EC2, STS or the API server before it gives out addresses"],
                explains: unreachable.pod.symptoms.union(asking.symptoms),
                fix: .init(
                    [
                        "on \(unreachable.pod.node): curl -sv https://sts.\(region).amazonaws.com "
                            + "https://ec2.\(region).amazonaws.com",
                        "aws ec2 describe-vpc-endpoints --region \(region)",
                    ], risk: "none: all only read"),
                needs: ["whether \(unreachable.pod.node) reaches EC2 and STS: /var/log/aws-routed-eni/ipamd.log there"])
        ]
    }
}
