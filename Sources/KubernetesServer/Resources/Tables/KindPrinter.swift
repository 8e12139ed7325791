import JSONTree

/// The columns of a built-in kind after its name, and how a row fills them.
struct KindPrinter: Sendable {
    var columns: [TableColumn]
    var cells: @Sendable (RowContext) -> [JSONValue]

    /// - Parameter names: `+` before a name is for `-o wide` only, `#` for a number.
    init(_ names: [String], _ cells: @escaping @Sendable (RowContext) -> [JSONValue]) {
        columns = names.map { name in
            var column = TableColumn(name: name)
            if column.name.hasPrefix("+") {
                column.name.removeFirst()
                column.priority = 1
            }
            if column.name.hasPrefix("#") {
                column.name.removeFirst()
                column.type = "integer"
            }
            return column
        }
        self.cells = cells
    }

    /// By collection.
    static let printers: [String: KindPrinter] = [:]
}
