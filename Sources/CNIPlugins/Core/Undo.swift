import CNI

/// The steps that take back what an ADD has made so far, run in reverse when it fails.
///
///     try Undo.guarding { (undo) throws(CNIError) in
///         let result = try ipam.add()
///         undo.push("release the addresses") { () throws(CNIError) in try ipam.delete() }
///         try makeLink()
///         undo.push("delete link \(name)") { () throws(CNIError) in try deleteLink(name) }
///         return result
///     }
public struct Undo {
    private var steps: [(what: String, take: () throws(CNIError) -> Void)] = []

    public init() {}

    /// - Parameters:
    ///   - what: the step in the imperative, for the report when it fails itself.
    ///   - step: must succeed when there is nothing to take back.
    public mutating func push(_ what: String, _ step: @escaping () throws(CNIError) -> Void) {
        steps.append((what, step))
    }

    /// Takes everything back, the newest first, and goes on through failures.
    public mutating func run() -> [CNIError] {
        var failures: [CNIError] = []
        while let step = steps.popLast() {
            do throws(CNIError) { try step.take() } catch { failures.append(error.during("could not \(step.what)")) }
        }
        return failures
    }

    /// Runs `body`; when it throws, takes back what it pushed and adds to the error's details what could not be.
    public static func guarding<Result: ~Copyable>(
        _ body: (inout Undo) throws(CNIError) -> Result
    ) throws(CNIError) -> Result {
        var undo = Undo()
        do throws(CNIError) {
            return try body(&undo)
        } catch {
            var error = error
            for failure in undo.run() { error = error.adding("\(failure)") }
            throw error
        }
    }
}
