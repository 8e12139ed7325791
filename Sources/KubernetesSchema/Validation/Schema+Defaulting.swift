import JSONTree

extension Schema {
    /// The value with the defaults of its schema where a member is absent, nested ones too, as apiextensions fills
    /// them in: an absent object is not made only because it has defaults inside, but a default that is an object is
    /// filled in itself. A null that the schema does not allow counts as absent.
    public func defaulted(_ value: JSONValue) -> JSONValue {
        guard hasDefaults else { return value }
        switch value.kind {
        case .object: return defaultedObject(value)
        case .array:
            guard let items else { return value }
            return .array(
                value.elements.map { element in
                    let isGap = element.isNull && !items.isNullable
                    return items.defaulted(isGap ? items.defaultValue ?? element : element)
                })
        default: return value
        }
    }

    private func defaultedObject(_ value: JSONValue) -> JSONValue {
        var members = value.members
        for property in properties {
            guard let defaultValue = property.schema.defaultValue else { continue }
            if let index = members.lastIndex(where: { $0.key == property.name }) {
                if members[index].value.isNull, !property.schema.isNullable { members[index].value = defaultValue }
            } else {
                members.append(JSONMember(property.name, defaultValue))
            }
        }
        for index in members.indices {
            guard let child = child(members[index].key) else { continue }
            if members[index].value.isNull, !child.isNullable, let defaultValue = child.defaultValue {
                members[index].value = defaultValue
            }
            members[index].value = child.defaulted(members[index].value)
        }
        return .object(members)
    }

    /// Without the nulls that stand where the schema allows none and names no default: apiextensions drops them before
    /// it validates.
    public func droppingNulls(_ value: JSONValue) -> JSONValue {
        switch value.kind {
        case .object:
            return .object(
                value.members.compactMap { member in
                    guard let child = child(member.key) else { return member }
                    if member.value.isNull, !child.isNullable, child.defaultValue == nil, property(member.key) != nil {
                        return nil
                    }
                    return JSONMember(member.key, child.droppingNulls(member.value))
                })
        case .array:
            guard let items else { return value }
            return .array(value.elements.map { items.droppingNulls($0) })
        default: return value
        }
    }
}
