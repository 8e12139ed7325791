import JSONTree

/// Whose labels a selector is about. Calico keeps the labels of a pod's namespace and service account among the pod's
/// own under prefixes, and has names of its own for what Kubernetes calls differently.
enum CalicoLabels {
    /// `selector`: of pods, or of network sets.
    case pods, networkSets
    /// `namespaceSelector`.
    case namespaces
    /// `serviceAccountSelector`, `serviceAccounts.selector`.
    case serviceAccounts

    enum Meaning {
        case label(LabelKey)
        /// The same for every bearer; nil: no bearer has it.
        case constant(String?)
    }

    func meaning(of name: String) -> Meaning {
        switch (self, name) {
        case (.namespaces, "projectcalico.org/name"): return .label(.namespaceName)
        case (.namespaces, _): return .label(.namespace(name))
        case (.serviceAccounts, "projectcalico.org/name"): return .label(.serviceAccountName)
        case (.serviceAccounts, _): return .label(LabelKey(.serviceAccount, name))
        case (_, "projectcalico.org/namespace"): return .label(.namespaceName)
        case (_, "projectcalico.org/serviceaccount"): return .label(.serviceAccountName)
        case (.pods, "projectcalico.org/orchestrator"): return .constant("k8s")
        case (.networkSets, "projectcalico.org/orchestrator"): return .constant(nil)
        default: break
        }
        if name.hasPrefix("pcns.") {
            return CalicoLabels.namespaces.meaning(of: String(name.dropFirst("pcns.".count)))
        }
        if name.hasPrefix("pcsa.") {
            return CalicoLabels.serviceAccounts.meaning(of: String(name.dropFirst("pcsa.".count)))
        }
        return .label(.own(name))
    }
}

extension CalicoExpression {
    /// The same question in the words of the rule model.
    func labelExpression(of labels: CalicoLabels, at place: SourcePlace) -> LabelExpression {
        switch self {
        case .all:
            // Calico's `namespaceSelector: all()` means "in some namespace", which every pod is.
            return labels == .namespaces
                ? .requirement(LabelRequirement(.namespaceName, .exists, at: place)) : .everything
        case .global: return .requirement(LabelRequirement(.namespaceName, .doesNotExist, at: place))
        case .and(let parts): return .all(parts.map { $0.labelExpression(of: labels, at: place) })
        case .or(let parts): return .any(parts.map { $0.labelExpression(of: labels, at: place) })
        case .has(let key): return requirement(key, .exists, [], labels, place)
        case .isIn(let key, let values): return requirement(key, .isIn, values, labels, place)
        case .contains(let key, let text): return requirement(key, .contains, [text], labels, place)
        case .startsWith(let key, let text): return requirement(key, .startsWith, [text], labels, place)
        case .endsWith(let key, let text): return requirement(key, .endsWith, [text], labels, place)
        case .not(let inner):
            switch inner {
            case .has(let key): return requirement(key, .doesNotExist, [], labels, place)
            case .isIn(let key, let values): return requirement(key, .isNotIn, values, labels, place)
            case .not(let twice): return twice.labelExpression(of: labels, at: place)
            default: return .not(inner.labelExpression(of: labels, at: place))
            }
        }
    }

    private func requirement(
        _ key: String, _ comparison: LabelRequirement.Comparison, _ values: [String], _ labels: CalicoLabels,
        _ place: SourcePlace
    ) -> LabelExpression {
        switch labels.meaning(of: key) {
        case .label(let key): .requirement(LabelRequirement(key, comparison, values, at: place))
        case .constant(let value):
            LabelRequirement(.own(key), comparison, values).isSatisfied(by: value) ? .everything : .nothing
        }
    }
}
