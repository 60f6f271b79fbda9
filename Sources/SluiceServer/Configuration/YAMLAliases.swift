// SPDX-License-Identifier: Apache-2.0
import SluiceCore

/// Finds aliases in YAML before it is parsed: the parser follows them, and where they are keys it compares what they
/// stand for again and again, so that thirty lines can keep it busy for years.
enum YAMLAliases {
    /// Where the first alias (`*name`) of an anchor (`&name`) stands; line and column count from 1.
    ///
    /// Quotes and comments are not looked at: both marks with one name are an anchor and its alias, or hardly ever occur.
    static func first(in text: String) -> (line: Int, column: Int)? {
        let octets = Array(text.utf8)
        var anchors: Set<ArraySlice<UInt8>> = []
        for place in octets.indices where octets[place] == UInt8(ascii: "&") {
            if let name = name(octets, behind: place) { anchors.insert(name) }
        }
        if anchors.isEmpty { return nil }
        for place in octets.indices where octets[place] == UInt8(ascii: "*") {
            guard let name = name(octets, behind: place), anchors.contains(name) else { continue }
            let lineStart = octets[..<place].lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
            let line = octets[..<lineStart].count { $0 == 0x0A } + 1
            return (line, octets[lineStart..<place].count { $0 & 0xC0 != 0x80 } + 1)
        }
        return nil
    }

    /// The name behind a mark that begins a word; `nil` where it does not, or where there is none.
    private static func name(_ octets: [UInt8], behind mark: Int) -> ArraySlice<UInt8>? {
        if mark > 0, octets[mark - 1] > 0x20, !"[{,:".utf8.contains(octets[mark - 1]) { return nil }
        let name = octets[(mark + 1)...].prefix {
            $0.isASCIIAlphanumeric || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: "-")
        }
        return name.isEmpty ? nil : name
    }
}
