import JSONTree

/// JSON Merge Patch (RFC 7386): members replace members, null removes, lists and scalars replace whole.
public enum MergePatch {
    /// The target after the patch. Members keep their order; new ones come last.
    public static func apply(_ patch: JSONValue, to target: JSONValue?) -> JSONValue {
        guard patch.kind == .object else { return patch }
        var table = MemberTable(target)
        for member in MemberTable(patch).members {
            if member.value.isNull {
                table.remove(member.key)
            } else {
                table[member.key] = apply(member.value, to: table[member.key])
            }
        }
        return table.value
    }

    /// A patch that makes `after` of `before`; nil when there is none, because a null stands in what it would add
    /// (a merge patch cannot say null).
    public static func difference(from before: JSONValue, to after: JSONValue) -> JSONValue? {
        guard before.kind == .object, after.kind == .object else {
            return sayable(after) ? after : nil
        }
        let (old, new) = (MemberTable(before), MemberTable(after))
        var patch = MemberTable()
        for key in old.keys where new[key] == nil { patch[key] = .null }
        for member in new.members {
            if let value = old[member.key], value.isEquivalent(to: member.value) { continue }
            let value = old[member.key] ?? .null
            guard !member.value.isNull else { return nil }
            if value.kind == .object, member.value.kind == .object {
                guard let inner = difference(from: value, to: member.value) else { return nil }
                patch[member.key] = inner
            } else {
                guard sayable(member.value) else { return nil }
                patch[member.key] = member.value
            }
        }
        return patch.value
    }

    /// Whether a patch with this value leaves this value: no null is a member of its objects, lists aside.
    private static func sayable(_ value: JSONValue) -> Bool {
        guard value.kind == .object else { return true }
        return value.members.allSatisfy { !$0.value.isNull && sayable($0.value) }
    }
}
