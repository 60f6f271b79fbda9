// SPDX-License-Identifier: Apache-2.0
import SluiceCore

/// A macro-string (RFC 7208 §7.1) that has passed the grammar.
struct SPFMacroString: Equatable {
    enum Element: Equatable {
        case literal([UInt8])
        case macro(SPFMacro)
    }

    private(set) var elements: [Element] = []
    /// What stands behind the last macro-expand, as the record writes it.
    private var tail: [UInt8] = []

    /// Whether its expansion needs the client's validated name (`%{p}`).
    var needsValidatedName: Bool {
        elements.contains { if case .macro(let macro) = $0 { macro.letter == .validatedName } else { false } }
    }

    /// Reads a domain-spec: a macro-string that ends in a top label or in a macro-expand.
    ///
    /// - Parameter term: what the error shall show.
    init(domainSpec octets: ArraySlice<UInt8>, of term: ArraySlice<UInt8>) throws(SPFSyntaxError) {
        guard !octets.isEmpty else { throw SPFSyntaxError(term, "the domain is empty") }
        try parse(octets, term, inExplanation: false)
        guard tail.isEmpty || Self.endsInTopLabel(tail) else {
            throw SPFSyntaxError(term, "this is no domain name")
        }
    }

    /// Reads the value of a modifier that is not known; it may be empty.
    init(modifierValue octets: ArraySlice<UInt8>, of term: ArraySlice<UInt8>) throws(SPFSyntaxError) {
        try parse(octets, term, inExplanation: false)
    }

    /// Reads an explain-string: spaces and the letters `c`, `r` and `t` may stand in it (RFC 7208 §6.2, 7.2).
    init(explainString octets: [UInt8]) throws(SPFSyntaxError) {
        guard octets.count <= SPFRecord.octetLimit else { throw SPFSyntaxError("the explanation is too long") }
        try parse(octets[...], octets[...], inExplanation: true)
    }

    private mutating func parse(
        _ octets: ArraySlice<UInt8>, _ term: ArraySlice<UInt8>, inExplanation: Bool
    ) throws(SPFSyntaxError) {
        var literal: [UInt8] = []
        var position = octets.startIndex
        while position < octets.endIndex {
            let byte = octets[position]
            position += 1
            guard byte == UInt8(ascii: "%") else {
                guard byte > 0x20 && byte < 0x7F || byte == 0x20 && inExplanation else {
                    throw SPFSyntaxError(term, "only printable ASCII may stand here")
                }
                literal.append(byte)
                tail.append(byte)
                continue
            }
            tail.removeAll(keepingCapacity: true)
            let next = position < octets.endIndex ? octets[position] : 0
            position += 1
            switch next {
            case UInt8(ascii: "%"): literal.append(next)
            case UInt8(ascii: "_"): literal.append(0x20)
            case UInt8(ascii: "-"): literal += Array("%20".utf8)
            case UInt8(ascii: "{"):
                guard let end = octets[position...].firstIndex(of: UInt8(ascii: "}")) else {
                    throw SPFSyntaxError(term, "a macro has no end")
                }
                if !literal.isEmpty { elements.append(.literal(literal)) }
                literal.removeAll()
                let macro = try SPFMacro(octets[position..<end], of: term)
                guard inExplanation || !macro.letter.isForExplanations else {
                    throw SPFSyntaxError(term, "the macros c, r and t may stand in explanations only")
                }
                elements.append(.macro(macro))
                position = end + 1
            default: throw SPFSyntaxError(term, "a percent sign begins no macro; %% stands for itself")
            }
        }
        if !literal.isEmpty { elements.append(.literal(literal)) }
    }

    /// `"." toplabel ["."]` at the end: letters, digits and hyphens, no hyphen at its ends, not digits alone.
    private static func endsInTopLabel(_ tail: [UInt8]) -> Bool {
        let dot = UInt8(ascii: ".")
        let name = tail.last == dot ? tail.dropLast() : tail[...]
        guard let separator = name.lastIndex(of: dot) else { return false }
        let label = name[(separator + 1)...]
        guard let first = label.first, let last = label.last else { return false }
        return first.isASCIIAlphanumeric && last.isASCIIAlphanumeric
            && label.allSatisfy { $0.isASCIIAlphanumeric || $0 == UInt8(ascii: "-") }
            && label.contains { !$0.isASCIIDigit }
    }
}
