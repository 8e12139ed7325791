/// A table with lines around its cells, as calicoctl prints addresses: headings in the middle, texts to the left,
/// numbers to the right.
struct BorderedTable {
    private let titles: [String]
    private let rightAligned: Set<Int>
    private var rows: [[String]] = []

    /// - Parameter rightAligned: columns of numbers.
    init(_ titles: [String], rightAligned: Set<Int>) {
        self.titles = titles
        self.rightAligned = rightAligned
    }

    mutating func add(_ cells: [String]) { rows.append(cells) }

    /// Lines without a newline at the end.
    var rendered: String {
        let widths = titles.indices.map { column in
            ([titles] + rows).map { column < $0.count ? $0[column].count : 0 }.max() ?? 0
        }
        let rule = "+" + widths.map { String(repeating: "-", count: $0 + 2) }.joined(separator: "+") + "+"
        let heading = zip(titles, widths).map { Self.centred($0, $1) }
        let lines = rows.map { row in
            widths.indices.map { column in
                let text = column < row.count ? row[column] : ""
                let fill = String(repeating: " ", count: widths[column] - text.count)
                return rightAligned.contains(column) ? " \(fill)\(text) " : " \(text)\(fill) "
            }
        }
        let body = ([heading] + lines).map { "|" + $0.joined(separator: "|") + "|" }
        return ([rule, body[0], rule] + body.dropFirst() + [rule]).joined(separator: "\n")
    }

    private static func centred(_ text: String, _ width: Int) -> String {
        let rest = width - text.count
        return " " + String(repeating: " ", count: rest / 2) + text + String(repeating: " ", count: rest - rest / 2)
            + " "
    }
}
