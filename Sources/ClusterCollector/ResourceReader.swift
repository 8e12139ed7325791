import Diagnosis
import JSONTree
import KubernetesClient
import KubernetesModel

/// Lists of resources, page after page, as documents of the evidence.
struct ResourceReader: Sendable {
    let run: CollectionRun

    /// One list to read: where it is asked for, and the name it is kept under.
    struct Reading: Sendable {
        var name: String
        var resource: GroupVersionResource
        var kind: String
        var isNamespaced = true
    }

    func readVersion() async {
        do throws(Refusal) {
            let answer = try await run.ask("/version", limit: 1 << 20)
            // As `kubectl version -o json` prints it.
            run.add(
                Array(#"{"serverVersion":"#.utf8) + answer.body + Array("}".utf8), at: EvidencePath.version,
                FactSource("/version", command: "kubectl version -o json", age: 0))
        } catch {
            run.addMissing(EvidencePath.version, error.saying("get", "/version"))
        }
    }

    /// What to read. Resources that the server does not serve are written down at once, as empty lists.
    func plan(_ served: ServedResources?) -> [Reading] {
        guard let served else {
            return WantedResource.all.compactMap { wanted in
                guard let version = wanted.version else {
                    run.addMissing(
                        EvidencePath.resource(wanted.name), "the API server did not say which resources it serves")
                    return nil
                }
                return Reading(
                    name: wanted.name,
                    resource: GroupVersionResource(group: wanted.group, version: version, resource: wanted.resource),
                    kind: "")
            }
        }
        var readings: [Reading] = []
        var names: Set<String> = []
        // The newer spelling of Calico's API holds the same objects.
        let hasOldCalico = served.resources.contains { $0.resource.group == "crd.projectcalico.org" }
        func add(_ found: ServedResource, as name: String) {
            guard found.verbs.isEmpty || found.verbs.contains("list"), names.insert(name).inserted else { return }
            run.plan(EvidencePath.resource(name))
            readings.append(
                Reading(
                    name: name, resource: found.resource, kind: found.kind.kind, isNamespaced: found.isNamespaced))
        }
        for wanted in WantedResource.all {
            let groups =
                wanted.group == "crd.projectcalico.org" && !hasOldCalico
                ? [wanted.group, "projectcalico.org"] : [wanted.group]
            let found = served.resources.first {
                $0.resource.resource == wanted.resource && groups.contains($0.resource.group)
            }
            if let found {
                add(found, as: wanted.name)
                continue
            }
            let versions = served.unavailable.filter {
                $0.key.split(separator: "/").first.map(String.init) == wanted.group
            }
            if !wanted.group.isEmpty, let reason = versions.first {
                run.addMissing(EvidencePath.resource(wanted.name), "group \(reason.key): \(reason.value)")
            } else {
                addList([], of: wanted.name, kind: "", isTruncated: false)
            }
        }
        for found in served.resources where WantedResource.wholeGroups.contains(found.resource.group) {
            add(found, as: "\(found.resource.resource).\(found.resource.group)")
        }
        return readings
    }

    func readLists(_ readings: [Reading]) async {
        await forEach(readings, atOnce: run.options.parallel) { await read($0) }
    }

    func read(_ reading: Reading, namespace: String = "", into path: String? = nil) async {
        let path = path ?? EvidencePath.resource(reading.name)
        let list = await pages(of: reading, namespace: namespace)
        let isStripped = WantedResource.withoutManagers.contains(reading.name)
        let isLeases = reading.name == "leases.coordination.k8s.io"
        let isDefinitions = reading.name == "customresourcedefinitions.apiextensions.k8s.io"
        let items = list.items.map { item -> ArraySlice<UInt8> in
            if isDefinitions { return Self.withoutSchemas(item)[...] }
            if isLeases { return Self.withTimesOnly(item)[...] }
            if !isStripped || item.at("metadata", "managedFields") == nil { return item.rawBytes }
            return JSONValue(item).removing(at: ["metadata", "managedFields"]).serialized()[...]
        }
        let kind = reading.kind.isEmpty ? list.kind : reading.kind + "List"
        guard let refusal = list.refusal else {
            run.noteAccess("list", reading.name, isAllowed: true)
            addList(items, of: reading.name, kind: kind, isTruncated: false)
            return
        }
        if refusal.isForbidden { run.noteAccess("list", reading.name, isAllowed: false) }
        if refusal.isNotFound {
            // Served a moment ago, or named by us without asking: there are none.
            addList([], of: reading.name, kind: kind, isTruncated: false)
            return
        }
        // Of events the newest matter and no list of them is ever whole.
        if reading.name == "events", !items.isEmpty {
            addList(items, of: reading.name, kind: kind, isTruncated: true)
            return
        }
        var reason = refusal.saying("list", reading.name)
        if !items.isEmpty {
            addList(items, of: reading.name, kind: kind, isTruncated: true, at: EvidencePath.partial(reading.name))
            reason = "only the first \(items.count) could be read; then \(reason)"
        }
        run.addMissing(path, reason)
    }

    /// When a Lease was written, by the server's clock, is worth keeping beside what its holder wrote by its own.
    private static func withTimesOnly(_ item: JSONNode) -> [UInt8] {
        guard let entries = item.at("metadata", "managedFields"), entries.kind == .array else {
            return Array(item.rawBytes)
        }
        let short = entries.elements.map { entry in
            entry.kind != .object
                ? JSONValue.null
                : .object(
                    entry.members.filter { ["manager", "operation", "time"].contains($0.key) }.map {
                        JSONMember($0.key, JSONValue($0.value))
                    })
        }
        return JSONValue(item).setting(at: ["metadata", "managedFields"], to: .array(Array(short))).serialized()
    }

    /// The versions a definition serves matter; its schemas are long and nobody asks for them.
    private static func withoutSchemas(_ item: JSONNode) -> [UInt8] {
        var value = JSONValue(item).removing(at: ["metadata", "managedFields"])
        let annotation = "kubectl.kubernetes.io/last-applied-configuration"
        value = value.removing(at: ["metadata", "annotations", annotation])
        if let versions = item.at("spec", "versions"), versions.kind == .array {
            let short = versions.elements.map { JSONValue($0).removingMember("schema") }
            value = value.setting(at: ["spec", "versions"], to: .array(Array(short)))
        }
        return value.serialized()
    }

    private func addList(
        _ items: [ArraySlice<UInt8>], of name: String, kind: String, isTruncated: Bool, at path: String? = nil
    ) {
        var bytes = Array(#"{"kind":\#(JSONValue.string(kind.isEmpty ? "List" : kind).text),"items":["#.utf8)
        bytes.reserveCapacity(items.reduce(bytes.count + 8) { $0 + $1.count + 2 })
        for (index, item) in items.enumerated() {
            bytes += index == 0 ? [0x0A] : [0x2C, 0x0A]
            bytes += item
        }
        bytes += Array("]}\n".utf8)
        run.add(
            bytes, at: path ?? EvidencePath.resource(name),
            FactSource(name, command: "kubectl get \(name) -A -o json", age: 0), isTruncated: isTruncated)
    }

    // MARK: Pages

    private struct Pages {
        var items: [JSONNode] = []
        var kind = ""
        /// Why the rest is not there.
        var refusal: Refusal?
    }

    private static let pageSize = 500

    private func pages(of reading: Reading, namespace: String = "", _ query: [KubernetesField] = []) async -> Pages {
        var pages = Pages()
        var token: String?
        var number = 0
        var hasBegunAgain = false
        while number < run.options.pages {
            var fields = query + [KubernetesField("limit", String(Self.pageSize))]
            if let token { fields.append(KubernetesField("continue", token)) }
            do throws(Refusal) {
                let answer = try await run.ask(reading.resource.path(namespace: namespace), fields)
                let root: JSONNode
                do {
                    root = try JSONTree(parsing: answer.body).root
                } catch {
                    throw Refusal("the answer is no JSON: \(error.reason)")
                }
                if pages.kind.isEmpty { pages.kind = root.member("kind")?.string ?? "" }
                let page = ListPage(root)
                pages.items += page.items
                token = page.continueToken
                number += 1
                if token == nil { return pages }
            } catch {
                // The server has forgotten the moment of the list: once more from the beginning.
                if error.isGone, token != nil, !hasBegunAgain {
                    hasBegunAgain = true
                    token = nil
                    number = 0
                    pages.items = []
                    continue
                }
                pages.refusal = error
                return pages
            }
        }
        pages.refusal = Refusal("more than \(run.options.pages) pages of \(Self.pageSize) objects")
        return pages
    }

    // MARK: ConfigMaps and certificates

    /// Of the namespaces in which parts of the network live; those of applications are nobody's business.
    func readConfigMaps(in namespaces: [String]) async {
        let reading = Reading(
            name: "configmaps", resource: GroupVersionResource(version: "v1", resource: "configmaps"), kind: "ConfigMap"
        )
        let answers = ConfigMapAnswers()
        await forEach(namespaces, atOnce: run.options.parallel) { namespace in
            let pages = await self.pages(of: reading, namespace: namespace)
            if let refusal = pages.refusal {
                if refusal.isForbidden {
                    run.noteAccess("list", "configmaps", namespace: namespace, isAllowed: false)
                }
                await answers.add(refusal: refusal.saying("list", "configmaps in \(namespace)"), of: namespace)
            } else {
                run.noteAccess("list", "configmaps", namespace: namespace, isAllowed: true)
            }
            let items = pages.items.filter { item in
                item.at("metadata", "name")?.string != "kube-root-ca.crt" && item.rawBytes.count < 256 << 10
            }
            await answers.add(items.map(\.rawBytes))
        }
        let items = await answers.items
        let refusals = await answers.refusals
        for (namespace, reason) in refusals { run.addMissing("cluster/resources/configmaps/\(namespace).json", reason) }
        if items.isEmpty, let first = refusals.min(by: { $0.key < $1.key }) {
            run.addMissing(EvidencePath.resource("configmaps"), first.value)
        } else {
            addList(items, of: "configmaps", kind: "ConfigMapList", isTruncated: false)
        }
    }

    private actor ConfigMapAnswers {
        var items: [ArraySlice<UInt8>] = []
        var refusals: [String: String] = [:]
        func add(_ more: [ArraySlice<UInt8>]) { items += more }
        func add(refusal: String, of namespace: String) { refusals[namespace] = refusal }
    }

    /// Reads Secrets of the type for TLS and keeps what their certificates say. Keys and other data are dropped here,
    /// before anything is written anywhere.
    func readCertificates() async {
        let reading = Reading(
            name: "secrets", resource: GroupVersionResource(version: "v1", resource: "secrets"), kind: "Secret")
        let pages = await self.pages(of: reading, [KubernetesField("fieldSelector", "type=kubernetes.io/tls")])
        if let refusal = pages.refusal {
            if refusal.isForbidden { run.noteAccess("list", "secrets", isAllowed: false) }
            run.addMissing(EvidencePath.certificates, refusal.saying("list", "secrets of type kubernetes.io/tls"))
            return
        }
        run.noteAccess("list", "secrets", isAllowed: true)
        var entries = pages.items.map { CertificateEntry.value(of: $0) }
        entries += await readNamedSecrets(except: Set(pages.items.map(Self.key)))
        run.add(
            JSONValue.array(entries).serialized(indent: 2), at: EvidencePath.certificates,
            FactSource(
                "TLS Secrets", command: "kubectl get secrets -A --field-selector type=kubernetes.io/tls", age: 0))
    }
}

extension ResourceReader {
    /// Secrets asked for one by one at most.
    private static let named = 20

    private static func key(_ item: JSONNode) -> String {
        "\(item.at("metadata", "namespace")?.string ?? "")/\(item.at("metadata", "name")?.string ?? "")"
    }

    /// Secrets that Ingresses name and that are not among those of the type for TLS: of another type, or not there.
    private func readNamedSecrets(except known: Set<String>) async -> [JSONValue] {
        let path = EvidencePath.resource("ingresses.networking.k8s.io")
        guard let document = run.tree[path], let root = try? JSONTree(parsing: document.bytes).root,
            let items = root.member("items"), items.kind == .array
        else { return [] }
        var wanted: Set<String> = []
        for ingress in items.elements {
            guard let entries = ingress.at("spec", "tls"), entries.kind == .array else { continue }
            for entry in entries.elements {
                guard let name = entry.member("secretName")?.string, !name.isEmpty else { continue }
                wanted.insert("\(ingress.at("metadata", "namespace")?.string ?? "")/\(name)")
            }
        }
        var found: [JSONValue] = []
        let secrets = GroupVersionResource(version: "v1", resource: "secrets")
        for key in wanted.subtracting(known).sorted().prefix(Self.named) {
            let parts = key.split(separator: "/", maxSplits: 1).map(String.init)
            guard parts.count == 2 else { continue }
            do throws(Refusal) {
                let answer = try await run.ask(secrets.path(namespace: parts[0], name: parts[1]), limit: 4 << 20)
                if let secret = try? JSONTree(parsing: answer.body).root {
                    found.append(CertificateEntry.value(of: secret))
                }
            } catch {
                if error.isNotFound {
                    found.append(CertificateEntry.absent(namespace: parts[0], name: parts[1]))
                }
            }
        }
        return found
    }
}

/// What is kept of a TLS Secret.
enum CertificateEntry {
    static func absent(namespace: String, name: String) -> JSONValue {
        .object([
            JSONMember("namespace", .string(namespace)), JSONMember("name", .string(name)), JSONMember("use", "secret"),
            JSONMember("error", "there is no such Secret"),
        ])
    }

    static func value(of secret: JSONNode) -> JSONValue {
        var members = [
            JSONMember("namespace", .string(secret.at("metadata", "namespace")?.string ?? "")),
            JSONMember("name", .string(secret.at("metadata", "name")?.string ?? "")),
            JSONMember("use", "secret"),
        ]
        guard let text = secret.at("data", "tls.crt")?.string, !text.isEmpty else {
            return .object(members + [JSONMember("error", "tls.crt is empty")])
        }
        guard let certificates = CertificateFields.all(inBase64: text), let leaf = certificates.first else {
            return .object(members + [JSONMember("error", "tls.crt holds no certificate in PEM")])
        }
        members += [
            JSONMember("subject", .string(leaf.subject)), JSONMember("issuer", .string(leaf.issuer)),
            JSONMember("dnsNames", .array(leaf.names.map { .string($0) })),
            JSONMember("notBefore", .string(leaf.notBefore.description)),
            JSONMember("notAfter", .string(leaf.notAfter.description)),
            JSONMember("chain", .int(Int64(certificates.count))),
            JSONMember("hasKey", .bool(!(secret.at("data", "tls.key")?.string ?? "").isEmpty)),
        ]
        return .object(members)
    }
}
