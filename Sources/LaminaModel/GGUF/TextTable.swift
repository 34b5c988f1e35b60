/// Rows of text laid out in columns: each column as wide as its widest cell, two spaces between columns.
struct TextTable {
    /// On which side a column's cells are filled up with spaces.
    enum Alignment {
        case left
        case right
    }

    private let alignments: [Alignment]
    private var rows: [[String]] = []

    /// A table with one column per alignment.
    init(_ alignments: Alignment...) {
        self.alignments = alignments
    }

    /// Adds a row; missing cells stay empty.
    mutating func add(_ cells: String...) {
        rows.append(cells)
    }

    /// The rows as lines without spaces at their ends, each preceded by `indent` spaces.
    func lines(indent: Int) -> [String] {
        let widths = alignments.indices.map { column in
            rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0
        }
        return rows.map { row in
            var line = String(repeating: " ", count: indent)
            for (column, cell) in row.enumerated() {
                let padding = String(repeating: " ", count: widths[column] - cell.count)
                line += column == 0 ? "" : "  "
                line += alignments[column] == .left ? cell + padding : padding + cell
            }
            while line.last == " " { line.removeLast() }
            return line
        }
    }
}
