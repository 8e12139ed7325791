import Synchronization

/// Who does work of which no piece waits for another: the cores of the machine, where the program lends them.
///
/// This room decides and starts no threads. Whatever the workers, what they make is the same, in the same order.
public struct Workers: Sendable {
    private let perform: @Sendable (_ count: Int, _ work: @Sendable (Int) -> Void) -> Void

    /// - Parameter perform: calls the work with every number below the count, in any order and on any thread, and returns
    ///   when the last has come back.
    public init(_ perform: @escaping @Sendable (_ count: Int, _ work: @Sendable (Int) -> Void) -> Void) {
        self.perform = perform
    }

    /// Only the thread that asks, one piece after the other.
    public static let alone = Workers { count, work in
        for number in 0..<count { work(number) }
    }

    /// In the order of the elements.
    public func map<Element: Sendable, Made: Sendable>(
        _ elements: [Element], _ make: @Sendable (Element) -> Made
    ) -> [Made] {
        let made = Mutex([Made?](repeating: nil, count: elements.count))
        perform(elements.count) { number in
            let one = make(elements[number])
            made.withLock { $0[number] = one }
        }
        return made.withLock { $0 }.compactMap { $0 }
    }
}
