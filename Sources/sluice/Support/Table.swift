// SPDX-License-Identifier: Apache-2.0

/// Rows for people, in columns that line up.
enum Table {
    /// The lines of a table; the last column is not padded.
    static func lines(_ header: [String], _ rows: [[String]]) -> [String] {
        let widths = header.indices.map { column in
            ([header] + rows).map { column < $0.count ? $0[column].count : 0 }.max() ?? 0
        }
        func line(_ row: [String]) -> String {
            row.enumerated().map { column, text in
                column == row.count - 1
                    ? text : text + String(repeating: " ", count: max(0, widths[column] - text.count))
            }.joined(separator: "  ")
        }
        return [Terminal.colour(line(header), .bold)] + rows.map(line)
    }
}
