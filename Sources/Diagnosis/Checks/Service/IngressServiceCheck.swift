import Findings
import JSONTree

/// Ingresses that hand requests to a Service which does not exist: the controller has nowhere to send them, and answers
/// 503, or 404 of its default (ING-04).
struct IngressServiceCheck: Check {
    let name = "Ingress backends"
    let codes = ["ING-04"]
    let needs: [FactName] = [.objects("services"), .objects("ingresses.networking.k8s.io")]

    /// Seconds in which an Ingress may be there before its Service.
    private static let patience: Int64 = 120
    /// With this name of a port the AWS Load Balancer Controller takes the name for an action's, which stands in an
    /// annotation.
    private static let action = "use-annotation"

    private struct Backend {
        var service: String
        /// RFC 6901, within the Ingress.
        var pointer: String
        /// `shop.example.com/cart`; empty for what no rule is for.
        var route: String
    }

    func applies(to facts: FactBase) -> Bool { !facts.objects("ingresses.networking.k8s.io").isEmpty }

    func findings(_ facts: FactBase) -> [Diagnosis] {
        let known = Dictionary(grouping: facts.objects("services"), by: \.namespace).mapValues { Set($0.map(\.name)) }
        return facts.objects("ingresses.networking.k8s.io").compactMap { ingress in
            // A printed table names no backends, and who may not list a namespace sees none of its Services.
            guard !ingress.isDeleted, facts.isOlder(ingress.createdAt, than: Self.patience),
                let names = known[ingress.namespace],
                let lost = Self.backends(ingress).first(where: { !names.contains($0.service) })
            else { return nil }
            return Self.finding(ingress, lost, near: EditDistance.nearest(to: lost.service, in: names.sorted()))
        }
    }

    private static func backends(_ ingress: APIObject) -> [Backend] {
        var found: [Backend] = []
        func add(_ backend: JSONNode?, _ pointer: String, _ route: String) {
            guard let service = backend?.member("service"), let name = service.member("name")?.string, !name.isEmpty,
                service.at("port", "name")?.string != action
            else { return }
            found.append(Backend(service: name, pointer: pointer + "/service/name", route: route))
        }
        add(ingress["spec", "defaultBackend"], "/spec/defaultBackend", "")
        for (index, rule) in ingress.list("spec", "rules").enumerated() {
            for (place, path) in rule.list("http", "paths").enumerated() {
                add(
                    path.member("backend"), "/spec/rules/\(index)/http/paths/\(place)/backend",
                    (rule.member("host")?.string ?? "") + (path.member("path")?.string ?? "/"))
            }
        }
        return found
    }

    private static func finding(_ ingress: APIObject, _ lost: Backend, near: String?) -> Diagnosis {
        let what = lost.route.isEmpty ? "what no rule is for" : lost.route
        func patch(_ name: String) -> String {
            "kubectl -n \(ingress.namespace) patch ingress \(ingress.name) --type json -p "
                + "'[{\"op\":\"replace\",\"path\":\"\(lost.pointer)\",\"value\":\"\(name)\"}]'"
        }
        return .of(
            "ING-04",
            "\(ingress.namespace)/\(ingress.name) sends \(what) to Service \(lost.service), which does not exist",
            // Without one of nearly its name it may be left over from what was taken down.
            near == nil ? .likely : .certain, at: [ingress.place],
            evidence: [
                .init(
                    "\(lost.pointer.dropFirst().replacing("/", with: ".")): \(lost.service)", marking: lost.service,
                    from: ingress.source)
            ],
            because: [
                "the controller has no Service of that name in \(ingress.namespace), and answers by itself: 503, or 404 of its default"
            ] + (near.map { ["there is a Service \($0)"] } ?? []),
            fix: near.map {
                .init([patch($0)], undo: patch(lost.service), risk: "requests for \(what) arrive at \($0)", seconds: 5)
            },
            needs: near == nil
                ? ["whether \(what) is still meant to be served: kubectl -n \(ingress.namespace) get services"] : [])
    }
}
