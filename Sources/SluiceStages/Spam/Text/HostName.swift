// SPDX-License-Identifier: Apache-2.0
import SluiceCore

/// What can be said of a host's name without asking the DNS.
enum HostName {
    /// Second-level labels under which registries of countries register names.
    private static let registryLabels: Set<String> = [
        "co", "com", "org", "net", "gov", "gob", "gouv", "govt", "ac", "edu", "ne", "or", "go", "mil", "sch", "id",
        "asso",
        "ltd", "plc", "me", "nom", "web", "in", "firm", "gen", "ind", "info",
    ]

    /// The domain that somebody registered, as far as it can be told without the list of public suffixes: the last two
    /// labels, or three under `co.uk` and the like.
    static func registrable(_ host: String) -> String {
        let octets = host.utf8
        // The labels from the end, empty ones left out: where they begin.
        var starts: [Substring.UTF8View.Index] = []
        var end = octets.endIndex
        var last = host[...].utf8
        var second = last
        while starts.count < 3, end > octets.startIndex {
            let dot = octets[..<end].lastIndex(of: UInt8(ascii: "."))
            let start = dot.map { octets.index(after: $0) } ?? octets.startIndex
            if start < end {
                if starts.isEmpty { last = octets[start..<end] }
                if starts.count == 1 { second = octets[start..<end] }
                starts.append(start)
            }
            guard let dot else { break }
            end = dot
        }
        guard starts.count > 2, !last.allSatisfy(\.isASCIIDigit) else { return host }
        let isCountry = last.count == 2 && registryLabels.contains(String(Substring(second)))
        let kept = host[starts[isCountry ? 2 : 1]...]
        // Dots in a row, and at the end, count once.
        let labels = kept.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        if !labels.contains(where: \.isEmpty) { return String(kept) }
        return labels.lazy.filter { !$0.isEmpty }.map { String(Substring($0)) }.joined(separator: ".")
    }

    /// The host of a URI in lower case, without user, port and a dot at the end; `nil` where it has none.
    static func of(uri: [UInt8]) -> String? { of(uri: uri[...]) }

    static func of(uri: ArraySlice<UInt8>) -> String? {
        guard let start = authorityStart(uri) else { return nil }
        let end = uri[start...].firstIndex(where: endsAuthority) ?? uri.endIndex
        var host = uri[start..<end]
        if let at = host.lastIndex(of: UInt8(ascii: "@")) { host = host[(at + 1)...] }
        if host.first == UInt8(ascii: "["), let bracket = host.firstIndex(of: UInt8(ascii: "]")) {
            host = host[...bracket]
        } else if let colon = host.firstIndex(of: UInt8(ascii: ":")) {
            host = host[..<colon]
        }
        while host.last == UInt8(ascii: ".") { host.removeLast() }
        guard !host.isEmpty, host.count <= 255 else { return nil }
        return String(latin1OrUTF8: host.map(\.asciiLowercased))
    }

    private static func endsAuthority(_ octet: UInt8) -> Bool {
        switch octet {
        case UInt8(ascii: "/"), UInt8(ascii: "?"), UInt8(ascii: "#"), UInt8(ascii: "\\"): true
        default: false
        }
    }

    /// Where the host (or the user before it) begins.
    private static func authorityStart(_ uri: ArraySlice<UInt8>) -> Int? {
        if uri.starts(with: "//".utf8) { return uri.startIndex + 2 }
        guard let colon = uri.prefix(6).firstIndex(of: UInt8(ascii: ":")) else { return nil }
        let scheme = uri[..<colon]
        guard
            scheme.equalsIgnoringCase("http") || scheme.equalsIgnoringCase("https") || scheme.equalsIgnoringCase("ftp")
        else { return nil }
        var index = colon + 1
        // Browsers take one slash, three, or backslashes too.
        while index < uri.endIndex, uri[index] == UInt8(ascii: "/") || uri[index] == UInt8(ascii: "\\") { index += 1 }
        return index
    }

    /// Whether the name looks made by a machine: digits among letters, or letters that no language puts together.
    static func looksRandom(_ label: some StringProtocol) -> Bool {
        guard label.utf8.count >= 7 else { return false }
        var changes = 0
        var consonants = 0
        var longest = 0
        var vowels = 0
        var letters = 0
        var wasDigit: Bool?
        for octet in label.utf8.lazy.map(\.asciiLowercased) {
            guard octet.isASCIIAlphanumeric else {
                consonants = 0
                wasDigit = nil
                continue
            }
            if let was = wasDigit, was != octet.isASCIIDigit { changes += 1 }
            wasDigit = octet.isASCIIDigit
            guard octet.isASCIILetter else {
                consonants = 0
                continue
            }
            letters += 1
            if isVowel(octet) {
                vowels += 1
                consonants = 0
            } else {
                consonants += 1
                longest = max(longest, consonants)
            }
        }
        return changes >= 3 || longest >= 6 || (letters >= 8 && vowels * 6 < letters)
    }

    private static func isVowel(_ octet: UInt8) -> Bool {
        switch octet {
        case UInt8(ascii: "a"), UInt8(ascii: "e"), UInt8(ascii: "i"), UInt8(ascii: "o"), UInt8(ascii: "u"),
            UInt8(ascii: "y"):
            true
        default: false
        }
    }

    /// Whether the text could be a host: labels of letters, digits and hyphens, and a last one of letters.
    static func isPlausible(_ text: some StringProtocol) -> Bool {
        var labels = 1
        var length = 0
        var isOfLetters = true
        for octet in text.utf8 {
            if octet == UInt8(ascii: ".") {
                guard length > 0 else { return false }
                labels += 1
                length = 0
                isOfLetters = true
                continue
            }
            guard octet.isASCIIAlphanumeric || octet == UInt8(ascii: "-") || octet == UInt8(ascii: "_") || octet >= 0x80
            else { return false }
            if !octet.isASCIILetter { isOfLetters = false }
            length += 1
        }
        return labels >= 2 && length >= 2 && isOfLetters && text.utf8.count <= 253
    }
}
