import Findings

/// Columns padded to their widest cell, two blanks apart, the last one as it is. A table without rows is empty.
struct TextTable {
    struct Cell: ExpressibleByStringInterpolation {
        let text: String
        /// How the cell is coloured once its width is known.
        let style: Style

        enum Style { case plain, good, bad, faint }

        init(_ text: String, _ style: Style = .plain) {
            self.text = text
            self.style = style
        }

        init(stringLiteral text: String) { self.init(text) }

        func painted(_ text: String, _ paint: Paint) -> String {
            switch style {
            case .plain: text
            case .good: paint.green(text)
            case .bad: paint.red(text)
            case .faint: paint.faint(text)
            }
        }
    }

    private let titles: [String]
    private var rows: [[Cell]] = []
    private let indent: String

    init(_ titles: [String], indent: Int = 0) {
        self.titles = titles
        self.indent = String(repeating: " ", count: indent)
    }

    mutating func add(_ cells: Cell...) { rows.append(cells) }

    var isEmpty: Bool { rows.isEmpty }

    /// Lines without a newline at the end.
    func rendered(_ paint: Paint = .none) -> String {
        if rows.isEmpty { return "" }
        var widths = titles.map(\.count)
        for row in rows {
            for (column, cell) in row.enumerated() where column < widths.count {
                widths[column] = max(widths[column], cell.text.count)
            }
        }
        // A column that says nothing is not shown.
        for column in titles.indices where rows.allSatisfy({ column >= $0.count || $0[column].text.isEmpty }) {
            widths[column] = 0
        }
        let heading = line(titles.map { Cell($0) }, widths) { _, text in paint.bold(text) }
        return ([heading] + rows.map { line($0, widths) { cell, text in cell.painted(text, paint) } })
            .joined(separator: "\n")
    }

    private func line(_ cells: [Cell], _ widths: [Int], _ paint: (Cell, String) -> String) -> String {
        var line = indent
        let last = cells.indices.last { !cells[$0].text.isEmpty && widths[$0] > 0 } ?? 0
        for (column, cell) in cells.enumerated() where column <= last && widths[column] > 0 {
            line += paint(cell, cell.text)
            if column < last {
                line += String(repeating: " ", count: max(0, widths[column] - cell.text.count) + 2)
            }
        }
        return line
    }
}
