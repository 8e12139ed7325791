import JSONTree

/// The members of one object while it is edited: keys as they are spelled, of duplicates the last, the order kept.
/// Looking and removing take constant time, so that a patch of an object with ten thousand keys is linear.
struct MemberTable {
    private var slots: [JSONMember?]
    private var places: [String: Int]

    init() {
        slots = []
        places = [:]
    }

    /// The members of an object; of anything else none.
    init(_ value: JSONValue?) {
        let members = value?.members ?? []
        self.init()
        slots.reserveCapacity(members.count)
        places.reserveCapacity(members.count)
        for member in members { self[member.key] = member.value }
    }

    subscript(_ key: String) -> JSONValue? {
        get { places[key].flatMap { slots[$0]?.value } }
        set {
            switch (places[key], newValue) {
            case (let place?, let value?): slots[place] = JSONMember(key, value)
            case (let place?, nil):
                slots[place] = nil
                places[key] = nil
            case (nil, let value?):
                places[key] = slots.count
                slots.append(JSONMember(key, value))
            case (nil, nil): break
            }
        }
    }

    /// Said in words, because `table[key] = condition ? nil : value` would store a JSON null.
    mutating func remove(_ key: String) { self[key] = JSONValue?.none }

    var members: [JSONMember] { slots.compactMap { $0 } }
    var keys: [String] { slots.compactMap { $0?.key } }
    var isEmpty: Bool { places.isEmpty }
    var value: JSONValue { .object(members) }
}
