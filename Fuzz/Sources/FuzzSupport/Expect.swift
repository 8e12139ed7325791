/// Ends the run when a property does not hold. Unlike `precondition` it says why in an optimised build too.
public func expect(
    _ condition: Bool, _ message: @autoclosure () -> String = "a property does not hold", line: Int = #line
) {
    if !condition { fatalError("line \(line): \(message())") }
}
