// SPDX-License-Identifier: Apache-2.0
import SluiceCore
import SluiceNative

extension MessageReport {
    /// The report for people, line by line. What could steer a terminal is shown as U+FFFD.
    package var lines: [String] {
        var lines: [String] = []
        let charsets = IconvCharsets()
        for field in fields {
            lines.append("\(field.name): \(EncodedWord.decode(Array(field.value.utf8), charsets: charsets))")
        }
        lines.append("")
        lines += parts.flatMap(\.lines)
        if !defects.isEmpty {
            lines.append("")
            lines.append(defects.count == 1 ? "1 defect:" : "\(defects.count) defects:")
            lines += defects.map { "  \($0)" }
        }
        return lines.map(Self.printable)
    }

    private static func printable(_ line: String) -> String {
        var shown = String.UnicodeScalarView()
        for scalar in line.unicodeScalars {
            let isControl = scalar.properties.generalCategory == .control && scalar != "\t"
            let isDirection = scalar.properties.isBidiControl
            shown.append(isControl || isDirection ? "\u{FFFD}" : scalar)
        }
        return String(shown)
    }
}

extension MessageReport.Part {
    /// One line, indented by how deep the part stands, and its text below it.
    fileprivate var lines: [String] {
        let depth = path == "TEXT" ? 0 : path.utf8.count { $0 == UInt8(ascii: ".") } + 1
        let indent = String(repeating: "  ", count: min(depth, 20))
        var words = [path, mediaType]
        if let charset { words.append(charset) }
        words.append(transferEncoding)
        if let disposition { words.append(disposition) }
        if let fileName { words.append("“\(fileName)”") }
        words.append("\(size) octets")
        if childCount > 0 { words.append(childCount == 1 ? "1 part" : "\(childCount) parts") }
        if childCount == 0 { words.append("sha256 \(digest)") }
        var lines = [indent + words.joined(separator: "  ")]
        if let text {
            lines += text.split(omittingEmptySubsequences: false) { $0.isNewline }.map { indent + "  | " + $0 }
        }
        return lines
    }
}
