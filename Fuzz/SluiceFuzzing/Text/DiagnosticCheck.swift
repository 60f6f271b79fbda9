// SPDX-License-Identifier: Apache-2.0
import SluiceCore

/// What every diagnostic about a text has to hold to.
enum DiagnosticCheck {
    /// - Parameter text: what was read.
    static func check(_ diagnostics: [Diagnostic], file: String, text: String) {
        let lines =
            text.utf8.reduce(1) { $0 + ($1 == 0x0A || $1 == 0x0D ? 1 : 0) } + 2
            * text.unicodeScalars.count { breaks($0) }
        for diagnostic in diagnostics {
            let mark = diagnostic.mark
            precondition(mark.file == file, "\(diagnostic) is of another file")
            precondition(
                (1...lines + 1).contains(mark.line) && mark.column >= 1,
                "\(diagnostic) is of no place in \(lines) lines")
            precondition(mark.column <= text.utf8.count + 2, "\(diagnostic) is of no place")
            precondition(!diagnostic.message.isEmpty, "a diagnostic without words")
            // By octets: a combining mark at the start of the words makes one `Character` with the space.
            let place = "\(file):\(mark.line):\(mark.column): "
            precondition(diagnostic.description.utf8.starts(with: place.utf8), "\(diagnostic)")
        }
    }

    /// What YAML takes for a line end besides CR and LF.
    private static func breaks(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value == 0x85 || scalar.value == 0x2028 || scalar.value == 0x2029
    }
}
