// SPDX-License-Identifier: Apache-2.0

/// Text from a stranger's message, for a terminal: control characters can't act on it.
enum Printable {
    static func text(_ text: String) -> String {
        var printable = String.UnicodeScalarView()
        for scalar in text.unicodeScalars where scalar != "\r" {
            let isControl = scalar.value < 32 && scalar != "\n" && scalar != "\t" || 0x7F..<0xA0 ~= scalar.value
            printable.append(isControl ? "\u{FFFD}" : scalar)
        }
        return String(printable)
    }
}
