import FuzzSupport
import JSONTree
import KubernetesModel
import Policy

/// Reads the bytes as a selector of Calico's language. What is read must keep the laws of logic for every pod: its
/// negation matches the others, it is equal to itself twice, and what lint calls a contradiction matches nobody.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let text = String(decoding: UnsafeBufferPointer(start: data, count: count), as: UTF8.self)
    guard let plain = subject(text) else { return 0 }
    // The grammar has no empty parentheses: nothing at all is all().
    if text.allSatisfy(\.isWhitespace) { return 0 }
    // A selector may be as long as the language allows, its negation is two brackets longer.
    guard let negated = subject("!(\(text))"), let doubled = subject("(\(text)) && (\(text))") else { return 0 }
    let found = findings(text)
    for labels in samples {
        let answer = plain.matches(labels)
        expect(negated.matches(labels) != answer, "the negation agrees")
        expect(doubled.matches(labels) == answer, "twice is something else")
        if answer { expect(!found.contains("POL-19"), "a contradiction matches") }
    }
    return 0
}

private let gvk = GroupVersionKind(apiVersion: "projectcalico.org/v3", kind: "GlobalNetworkPolicy")

private func policy(_ selector: String) -> (policies: PolicySet, isRead: Bool) {
    let manifest: JSONValue = [
        "apiVersion": "projectcalico.org/v3", "kind": "GlobalNetworkPolicy", "metadata": ["name": "p"],
        "spec": ["selector": .string(selector)],
    ]
    var input = PolicyInput()
    do throws(JSONSyntaxError) {
        input.read(PolicyDocument(gvk: gvk, node: try manifest.tree().root, file: "p.json"))
    } catch { fatalError("\(error)") }
    let (_, policies, findings) = input.finish()
    for finding in findings { expect(!finding.rendered().isEmpty) }
    return (policies, findings.isEmpty)
}

/// Nil when it cannot be read.
private func subject(_ selector: String) -> LabelExpression? {
    let (set, isRead) = policy(selector)
    return isRead ? set.policies.values.first?.subject : nil
}

private func findings(_ selector: String) -> Set<String> {
    Set(PolicyLint.findings(Cluster(), policy(selector).policies).map(\.finding.code))
}

private let samples: [LabelView] = {
    var samples: [LabelView] = []
    for own in [[:], ["a": ""], ["a": "b"], ["a": "b", "c": "d"], ["c": "abc"], ["a": "x", "k8s-app": "web"]] {
        for namespace in ["default", "b"] {
            samples.append(
                LabelView(
                    own: own, namespace: ["kubernetes.io/metadata.name": namespace, "a": "b"],
                    serviceAccount: ["metadata.name": "default"]))
        }
    }
    return samples
}()
