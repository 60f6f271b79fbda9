// SPDX-License-Identifier: Apache-2.0
import Foundation
import SluiceCore

/// Writes what people and scripts read.
enum Terminal {
    /// Whether standard output is a terminal that may be given colour.
    static let hasColour = isatty(STDOUT_FILENO) == 1 && ProcessInfo.processInfo.environment["NO_COLOR"] == nil

    static func line(_ text: String) { FileHandle.standardOutput.write(Data((text + "\n").utf8)) }
    static func json(_ value: JSONValue) { line(value.written) }
    static func octets(_ octets: some Sequence<UInt8>) { FileHandle.standardOutput.write(Data(octets)) }

    static func error(_ text: String) {
        guard !text.isEmpty else { return }
        // A diagnostic may quote a file that is no text. Where stderr can't be written there is nobody to tell.
        try? FileHandle.standardError.write(contentsOf: Data((Printable.text(text) + "\n").utf8))
    }

    enum Colour: String {
        case red = "31"
        case green = "32"
        case yellow = "33"
        case dim = "2"
        case bold = "1"
    }

    /// The text in a colour, where the terminal has any.
    static func colour(_ text: String, _ colour: Colour) -> String {
        hasColour ? "\u{1B}[\(colour.rawValue)m\(text)\u{1B}[0m" : text
    }
}
