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
    ///
    /// - Parameter columns: where somebody watches, the first column is folded so that the table fits; nil leaves every
    ///   row a line of its own, for who searches it.
    func rendered(columns limit: Int? = nil) -> String {
        var widths = titles.indices.map { column in
            ([titles] + rows).map { column < $0.count ? $0[column].count : 0 }.max() ?? 0
        }
        let whole = widths.reduce(1) { $0 + $1 + 3 }
        if let limit, whole > limit {
            widths[0] = max(Self.narrowest, titles[0].count, widths[0] - (whole - limit))
        }
        let rule = "+" + widths.map { String(repeating: "-", count: $0 + 2) }.joined(separator: "+") + "+"
        let heading = "|" + zip(titles, widths).map { Self.centred($0, $1) }.joined(separator: "|") + "|"
        let body = rows.flatMap { row in
            Self.folded(row.first ?? "", widths[0]).enumerated().map { index, part in
                let cells = widths.indices.map { column in
                    let text = column == 0 ? part : index == 0 && column < row.count ? row[column] : ""
                    let fill = String(repeating: " ", count: max(0, widths[column] - text.count))
                    return rightAligned.contains(column) ? " \(fill)\(text) " : " \(text)\(fill) "
                }
                return "|" + cells.joined(separator: "|") + "|"
            }
        }
        return ([rule, heading, rule] + body + [rule]).joined(separator: "\n")
    }

    /// Columns that are left of a text, however little room there is.
    private static let narrowest = 14

    /// The text in pieces of at most `width` characters, broken behind a space, a dot or a dash where there is one; what
    /// follows the first is indented.
    private static func folded(_ text: String, _ width: Int) -> [String] {
        let indent = String(repeating: " ", count: text.prefix { $0 == " " }.count + 2)
        var pieces: [String] = []
        var rest = Substring(text)
        while rest.count > (pieces.isEmpty ? width : width - indent.count) {
            let room = rest.prefix(pieces.isEmpty ? width : width - indent.count)
            let end = room.lastIndex { " .-".contains($0) }.map { room.index(after: $0) } ?? room.endIndex
            // A break within the indentation is none.
            let cut = room[..<end].allSatisfy { $0 == " " } ? room.endIndex : end
            pieces.append((pieces.isEmpty ? "" : indent) + room[..<cut])
            rest = rest[cut...]
        }
        pieces.append((pieces.isEmpty ? "" : indent) + rest)
        return pieces
    }

    private static func centred(_ text: String, _ width: Int) -> String {
        let rest = width - text.count
        return " " + String(repeating: " ", count: rest / 2) + text + String(repeating: " ", count: rest - rest / 2)
            + " "
    }
}
