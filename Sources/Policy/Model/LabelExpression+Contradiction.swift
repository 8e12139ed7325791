extension LabelExpression {
    /// The same question in the language whose contradictions are understood. Labels of namespaces and service
    /// accounts stand under keys that no label can have.
    var calico: CalicoExpression {
        switch self {
        case .all(let parts): .and(parts.map(\.calico))
        case .any(let parts): .or(parts.map(\.calico))
        case .not(let part): .not(part.calico)
        case .requirement(let requirement): requirement.calico
        }
    }

    /// Whether any labels at all could satisfy it. A pod always has a namespace.
    var satisfiability: CalicoExpression.Satisfiability {
        CalicoExpression.and([calico, .has(LabelKey.namespaceName.description)]).satisfiability
    }

    /// Whether everything that satisfies it satisfies `other`; nil when it cannot be decided.
    func implies(_ other: LabelExpression) -> Bool? { calico.implies(other.calico) }
}

extension LabelRequirement {
    fileprivate var calico: CalicoExpression {
        let name = key.description
        func any(_ make: (String) -> CalicoExpression) -> CalicoExpression { .or(values.map(make)) }
        return switch comparison {
        case .isIn: .isIn(name, values)
        case .isNotIn: .not(.isIn(name, values))
        case .exists: .has(name)
        case .doesNotExist: .not(.has(name))
        case .contains: any { .contains(name, $0) }
        case .startsWith: any { .startsWith(name, $0) }
        case .endsWith: any { .endsWith(name, $0) }
        }
    }
}
