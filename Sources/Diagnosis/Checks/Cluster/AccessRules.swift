import JSONTree

/// What an API server refused: `User "system:serviceaccount:a:b" cannot list resource "nodes" in API group ""`.
struct AccessDenial: Sendable, Hashable {
    var user: String
    var verb: String
    var resource: String
    var group: String
    /// Empty for the cluster scope.
    var namespace: String

    init?(_ text: String) {
        // However it was wrapped, the quotes are the same.
        let plain = String(text.filter { $0 != "\\" })
        func quoted(after mark: String, until end: Character = "\"") -> String? {
            guard let start = plain.index(after: mark) else { return nil }
            return String(plain[start...].prefix { $0 != end })
        }
        guard let user = quoted(after: "User \""), let verb = quoted(after: "cannot ", until: " "),
            let resource = quoted(after: "resource \"")
        else { return nil }
        self.user = user
        self.verb = verb
        self.resource = resource
        group = quoted(after: "API group \"") ?? ""
        namespace = quoted(after: "in the namespace \"") ?? ""
    }

    var words: String {
        let of = group.isEmpty ? resource : "\(resource).\(group)"
        return "\(verb) \(of)" + (namespace.isEmpty ? "" : " in \(namespace)")
    }

    var canI: String {
        let of = group.isEmpty ? resource : "\(resource).\(group)"
        return "kubectl auth can-i \(verb) \(of) --as \(user)" + (namespace.isEmpty ? "" : " -n \(namespace)")
    }
}

extension String {
    fileprivate func index(after mark: String) -> Index? {
        var index = startIndex
        while index < endIndex {
            if self[index...].hasPrefix(mark) { return self.index(index, offsetBy: mark.count) }
            index = self.index(after: index)
        }
        return nil
    }
}

/// RBAC as the objects have it (rbac.authorization.k8s.io): nothing refuses, what no rule allows is refused.
struct AccessRules: Sendable {
    private let facts: FactBase

    /// Nil when the roles or bindings of the cluster scope were not collected: then nobody can say.
    init?(_ facts: FactBase) {
        guard facts.has(.objects("clusterroles.rbac.authorization.k8s.io")),
            facts.has(.objects("clusterrolebindings.rbac.authorization.k8s.io"))
        else { return nil }
        self.facts = facts
    }

    func allows(_ denial: AccessDenial) -> Bool {
        var roles = bound(facts.objects("clusterrolebindings.rbac.authorization.k8s.io"), to: denial.user)
        if !denial.namespace.isEmpty {
            roles += bound(
                facts.objects("rolebindings.rbac.authorization.k8s.io").filter { $0.namespace == denial.namespace },
                to: denial.user)
        }
        return roles.contains { role in role.list("rules").contains { allows($0, denial) } }
    }

    private func bound(_ bindings: [APIObject], to user: String) -> [APIObject] {
        bindings.filter { binding in binding.list("subjects").contains { names($0, user, binding.namespace) } }
            .compactMap { binding in
                let name = binding.text("roleRef", "name") ?? ""
                return binding.text("roleRef", "kind") == "Role"
                    ? facts.object("roles.rbac.authorization.k8s.io", binding.namespace, name)
                    : facts.object("clusterroles.rbac.authorization.k8s.io", "", name)
            }
    }

    private func names(_ subject: JSONNode, _ user: String, _ namespace: String) -> Bool {
        let name = subject.member("name")?.string ?? ""
        let account = user.split(separator: ":").map(String.init)
        let isAccount = account.count == 4 && account[0] == "system" && account[1] == "serviceaccount"
        switch subject.member("kind")?.string {
        case "ServiceAccount":
            let home = subject.member("namespace")?.string ?? namespace
            return user == "system:serviceaccount:\(home):\(name)"
        case "User": return name == user
        case "Group":
            if name == "system:authenticated" { return true }
            return isAccount && (name == "system:serviceaccounts" || name == "system:serviceaccounts:\(account[2])")
        default: return false
        }
    }

    private func allows(_ rule: JSONNode, _ denial: AccessDenial) -> Bool {
        func has(_ field: String, _ value: String) -> Bool {
            guard let list = rule.member(field), list.kind == .array else { return false }
            return list.elements.contains { $0.string == value || $0.string == "*" }
        }
        // A rule for some names only says nothing of the resource as a whole.
        if let names = rule.member("resourceNames"), names.kind == .array, names.count > 0 { return false }
        let slash = denial.resource.firstIndex(of: "/")
        let subresource = slash.map { "*" + denial.resource[$0...] }
        return has("verbs", denial.verb) && has("apiGroups", denial.group)
            && (has("resources", denial.resource) || subresource.map { has("resources", $0) } == true)
    }

    /// Names the missing rule in a finding of API-02.
    static func sharpen(_ finding: inout Diagnosis, _ text: String, _ facts: FactBase) {
        guard finding.code == "API-02", let denial = AccessDenial(text) else { return }
        finding.because.insert("\(denial.user) may not \(denial.words).", at: 0)
        if AccessRules(facts) != nil {
            finding.because.insert("No role that is bound to it has the rule: roles and bindings were read.", at: 1)
        }
        finding.fix = Diagnosis.Fix(
            ["\(denial.canI) # answers no", "apply the roles of the agent's own release, then ask again"],
            undo: "apply the former roles", risk: "none for running pods", seconds: 60)
    }
}
