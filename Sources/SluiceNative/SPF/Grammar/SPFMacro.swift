// SPDX-License-Identifier: Apache-2.0
import SluiceCore

/// What a macro stands for (RFC 7208 §7.2); the raw value is its letter.
enum SPFMacroLetter: UInt8, CaseIterable {
    case sender = 0x73  // s
    case localPart = 0x6C  // l
    case senderDomain = 0x6F  // o
    case domain = 0x64  // d
    case address = 0x69  // i
    case validatedName = 0x70  // p
    case family = 0x76  // v
    case helo = 0x68  // h
    case readableAddress = 0x63  // c
    case receivingHost = 0x72  // r
    case time = 0x74  // t

    /// Whether it may stand in the text of an explanation only.
    var isForExplanations: Bool {
        switch self {
        case .readableAddress, .receivingHost, .time: true
        case .sender, .localPart, .senderDomain, .domain, .address, .validatedName, .family, .helo: false
        }
    }
}

/// `%{` macro-letter transformers *delimiter `}` (RFC 7208 §7.1).
struct SPFMacro: Equatable {
    let letter: SPFMacroLetter
    /// Whether the letter was upper case: the value is then escaped as in a URL (RFC 7208 §7.3).
    let isEscaped: Bool
    /// How many parts to keep, counted from the right; `nil` for all.
    let parts: Int?
    let isReversed: Bool
    /// What splits the value; a dot where the macro names none.
    let delimiters: [UInt8]

    /// - Parameter octets: what stands between the braces.
    init(_ octets: ArraySlice<UInt8>, of term: ArraySlice<UInt8>) throws(SPFSyntaxError) {
        guard let first = octets.first, let letter = SPFMacroLetter(rawValue: first.asciiLowercased) else {
            throw SPFSyntaxError(term, "there is no such macro letter")
        }
        self.letter = letter
        isEscaped = first != first.asciiLowercased
        var rest = octets.dropFirst()
        let digits = rest.prefix { $0.isASCIIDigit }
        // A name has 127 labels at most, so that a larger number means all of them.
        let number = digits.reduce(0) { min($0 * 10 + Int($1 - 0x30), 1000) }
        guard digits.isEmpty || number > 0 else { throw SPFSyntaxError(term, "a macro can't keep 0 parts") }
        parts = digits.isEmpty ? nil : number
        rest = rest.dropFirst(digits.count)
        isReversed = rest.first?.asciiLowercased == UInt8(ascii: "r")
        if isReversed { rest = rest.dropFirst() }
        guard rest.allSatisfy({ ".-+,/_=".utf8.contains($0) }) else {
            throw SPFSyntaxError(term, "a macro is a letter, a number, r and delimiters, in this order")
        }
        delimiters = rest.isEmpty ? [UInt8(ascii: ".")] : Array(rest)
    }
}
