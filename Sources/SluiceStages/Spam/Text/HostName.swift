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
        let labels = host.split(separator: ".")
        guard labels.count > 2, let last = labels.last, !last.utf8.allSatisfy(\.isASCIIDigit) else { return host }
        let second = String(labels[labels.count - 2])
        let isCountry = last.utf8.count == 2 && registryLabels.contains(second)
        return labels.suffix(isCountry ? 3 : 2).joined(separator: ".")
    }

    /// The host of a URI in lower case, without user, port and a dot at the end; `nil` where it has none.
    static func of(uri: some BidirectionalCollection<UInt8>) -> String? {
        guard let slashes = authorityStart(uri) else { return nil }
        var end = slashes
        while end < uri.endIndex, !"/?#\\".utf8.contains(uri[end]) { uri.formIndex(after: &end) }
        var host = uri[slashes..<end]
        if let at = host.lastIndex(of: UInt8(ascii: "@")) { host = host[host.index(after: at)...] }
        if host.first == UInt8(ascii: "["), let bracket = host.firstIndex(of: UInt8(ascii: "]")) {
            host = host[...bracket]
        } else if let colon = host.firstIndex(of: UInt8(ascii: ":")) {
            host = host[..<colon]
        }
        while host.last == UInt8(ascii: ".") { host.removeLast() }
        guard !host.isEmpty, host.count <= 255 else { return nil }
        return String(latin1OrUTF8: host.map(\.asciiLowercased))
    }

    /// Where the host (or the user before it) begins.
    private static func authorityStart<Octets: BidirectionalCollection<UInt8>>(_ uri: Octets) -> Octets.Index? {
        let head = uri.prefix(8).map(\.asciiLowercased)
        for scheme in ["http:", "https:", "ftp:"] where head.starts(with: scheme.utf8) {
            var index = uri.index(uri.startIndex, offsetBy: scheme.utf8.count)
            // Browsers take one slash, three, or backslashes too.
            while index < uri.endIndex, uri[index] == UInt8(ascii: "/") || uri[index] == UInt8(ascii: "\\") {
                uri.formIndex(after: &index)
            }
            return index
        }
        return head.starts(with: "//".utf8) ? uri.index(uri.startIndex, offsetBy: 2) : nil
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
        for octet in label.utf8.map(\.asciiLowercased) {
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
            if "aeiouy".utf8.contains(octet) {
                vowels += 1
                consonants = 0
            } else {
                consonants += 1
                longest = max(longest, consonants)
            }
        }
        return changes >= 3 || longest >= 6 || (letters >= 8 && vowels * 6 < letters)
    }

    /// Whether the text could be a host: labels of letters, digits and hyphens, and a last one of letters.
    static func isPlausible(_ text: some StringProtocol) -> Bool {
        let labels = text.split(separator: ".", omittingEmptySubsequences: false)
        guard labels.count >= 2, text.utf8.count <= 253, let last = labels.last, last.utf8.count >= 2,
            last.utf8.allSatisfy(\.isASCIILetter)
        else { return false }
        return labels.allSatisfy { label in
            !label.isEmpty
                && label.utf8.allSatisfy {
                    $0.isASCIIAlphanumeric || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_") || $0 >= 0x80
                }
        }
    }
}
