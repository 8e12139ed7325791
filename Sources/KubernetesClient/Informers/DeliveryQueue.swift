import KubernetesModel

/// What a subscriber has still to be told, in order.
///
/// For a slow subscriber an update goes into the addition or update of the same object that still waits: it then sees
/// the latest state, at the place where it would have seen an earlier one. Additions and deletions are never merged
/// with anything and never move, so each subscriber sees every coming and going in the order it happened.
struct DeliveryQueue<Value: Sendable>: Sendable {
    private var slots: [InformerTransition<Value>?] = []
    /// Slots before this one have been delivered.
    private var head = 0
    /// The number of the first slot in the array, counted since the beginning.
    private var base = 0
    /// The number of the last waiting slot of a key.
    private var last: [ObjectKey: Int] = [:]
    /// `.synced` comes before the slot of this number.
    private var syncedAt: Int?
    private(set) var merged = 0

    /// How much room is taken, delivered slots included.
    var room: Int { slots.count }

    var isEmpty: Bool { head == slots.count && syncedAt == nil }

    /// Transitions that wait.
    var count: Int { slots.count - head }

    mutating func push(_ transition: InformerTransition<Value>) {
        if transition.old != nil, let new = transition.new, let number = last[transition.key],
            slots[number - base]?.new != nil
        {
            slots[number - base]?.new = new
            merged += 1
            return
        }
        last[transition.key] = base + slots.count
        slots.append(transition)
    }

    /// Everything that has been pushed so far belongs to the first complete list.
    mutating func pushSynced() { syncedAt = base + slots.count }

    mutating func pop() -> InformerEvent<Value>? {
        if let syncedAt, syncedAt == base + head {
            self.syncedAt = nil
            return .synced
        }
        guard head < slots.count, let transition = slots[head] else { return nil }
        slots[head] = nil
        if last[transition.key] == base + head { last[transition.key] = nil }
        head += 1
        if head == slots.count || head > 1024 && head > slots.count / 2 {
            slots.removeFirst(head)
            base += head
            head = 0
        }
        return transition.event
    }
}
