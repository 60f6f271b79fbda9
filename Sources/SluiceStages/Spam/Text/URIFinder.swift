// SPDX-License-Identifier: Apache-2.0
import SluiceCore

/// Finds URIs in plain text: what begins with `http:`, `https:`, `ftp:`, `mailto:` or `www.`, in linear time.
enum URIFinder {
    /// The longest URI that is kept, in octets; a longer one is cut.
    static let lengthLimit = 2048

    static func find(in text: [UInt8], limit: Int) -> [[UInt8]] {
        var found: [[UInt8]] = []
        var index = 0
        while found.count < limit, let start = nextStart(in: text.span, from: index) {
            index = start
            if let prefix = prefixes(text[index]).first(where: { starts(text, at: index, $0) }) {
                var end = index + prefix.utf8.count
                while end < text.count, !endsURI(text[end]) { end += 1 }
                var kept = text[index..<end]
                while let last = kept.last, ".,;:!?)]'*\"".utf8.contains(last) { kept.removeLast() }
                if kept.count > prefix.utf8.count + 1 {
                    let scheme = prefix == "www." ? Array("http://".utf8) : []
                    found.append(scheme + kept.prefix(lengthLimit))
                }
                index = end
            } else {
                index = text[index...].firstIndex { !$0.isASCIIAlphanumeric } ?? text.count
            }
        }
        return found
    }

    /// Where the next word stands that a URI may begin with. All prefixes are a word and the mark behind it, and the
    /// marks are rare in text.
    private static func nextStart(in text: Span<UInt8>, from position: Int) -> Int? {
        var mark = position
        while mark < text.count {
            let octet = text[mark]
            if octet == UInt8(ascii: ":") || octet == UInt8(ascii: ".") {
                var start = mark
                while start > position, mark - start < 7, text[start - 1].isASCIIAlphanumeric { start -= 1 }
                if mark - start >= 3, mark - start < 7 { return start }
            }
            mark += 1
        }
        return nil
    }

    private static let hypertext = ["http://", "https://", "http:\\\\", "hxxp://"]
    private static let files = ["ftp://"]
    private static let mail = ["mailto:"]
    private static let web = ["www."]

    /// What a URI that begins with this octet may begin with.
    private static func prefixes(_ octet: UInt8) -> [String] {
        switch octet | 0x20 {
        case UInt8(ascii: "h"): hypertext
        case UInt8(ascii: "f"): files
        case UInt8(ascii: "m"): mail
        case UInt8(ascii: "w"): web
        default: []
        }
    }

    private static func starts(_ text: [UInt8], at index: Int, _ prefix: String) -> Bool {
        index + prefix.utf8.count <= text.count
            && text[index..<(index + prefix.utf8.count)].equalsIgnoringCase(prefix)
    }

    private static func endsURI(_ octet: UInt8) -> Bool {
        octet <= 0x20 || octet == 0x7F || "<>\"`|^{}".utf8.contains(octet)
    }

    /// The URI with `%41` and the like decoded where they stand for letters, digits and marks that need no escape;
    /// `nil` where there is nothing to decode.
    static func unescaped(_ uri: [UInt8]) -> [UInt8]? {
        guard uri.contains(UInt8(ascii: "%")) else { return nil }
        var result: [UInt8] = []
        var index = 0
        var changed = false
        while index < uri.count {
            if uri[index] == UInt8(ascii: "%"), index + 2 < uri.count,
                let octet = UInt8(String(decoding: uri[(index + 1)...(index + 2)], as: UTF8.self), radix: 16),
                octet > 0x20, octet < 0x7F
            {
                result.append(octet)
                index += 3
                changed = true
            } else {
                result.append(uri[index])
                index += 1
            }
        }
        return changed ? result : nil
    }
}
