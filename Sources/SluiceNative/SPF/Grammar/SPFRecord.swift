// SPDX-License-Identifier: Apache-2.0
import SluiceCore

/// An SPF record that has passed the grammar of RFC 7208 §12.
///
/// What fails it is a permerror and goes no further: nothing that a stranger wrote reaches libspf2 by another way.
package struct SPFRecord: Equatable {
    /// The most octets that a record may have. A DNS message holds no more.
    package static let octetLimit = 65_535
    /// The most terms that a record may have; ten times what is found in the wild.
    package static let termLimit = 2_000

    private(set) var directives: [SPFDirective] = []
    private(set) var redirect: SPFMacroString?
    /// The `exp=` modifier.
    private(set) var explanation: SPFMacroString?

    private static let version = Array("v=spf1".utf8)

    /// Whether a TXT record is an SPF record: its first term is `v=spf1` (RFC 7208 §4.5).
    package static func isRecord(_ octets: [UInt8]) -> Bool {
        octets.prefix(version.count).equalsIgnoringCase("v=spf1")
            && (octets.count == version.count || octets[version.count] == UInt8(ascii: " "))
    }

    /// Reads a record, all of it: one error anywhere, and there is no record (RFC 7208 §4.6).
    ///
    /// - Throws: ``SPFSyntaxError``, which says where it departs from the grammar.
    package init(parsing octets: [UInt8]) throws(SPFSyntaxError) {
        guard octets.count <= Self.octetLimit else {
            throw SPFSyntaxError("the record has more than \(Self.octetLimit) octets")
        }
        guard Self.isRecord(octets) else { throw SPFSyntaxError(octets, "this is no SPF record") }
        let terms = octets.dropFirst(Self.version.count).split(separator: UInt8(ascii: " "))
        guard terms.count <= Self.termLimit else {
            throw SPFSyntaxError("the record has more than \(Self.termLimit) terms")
        }
        for term in terms { try add(term) }
    }

    private mutating func add(_ term: ArraySlice<UInt8>) throws(SPFSyntaxError) {
        guard term.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw SPFSyntaxError(term, "only printable ASCII may stand in a record")
        }
        guard let name = SPFTermParser.modifierName(term) else {
            directives.append(try SPFTermParser(term).directive())
            return
        }
        let value = term.dropFirst(name.count + 1)
        if name.equalsIgnoringCase("redirect") {
            guard redirect == nil else { throw SPFSyntaxError(term, "redirect= stands here twice") }
            redirect = try SPFMacroString(domainSpec: value, of: term)
        } else if name.equalsIgnoringCase("exp") {
            guard explanation == nil else { throw SPFSyntaxError(term, "exp= stands here twice") }
            explanation = try SPFMacroString(domainSpec: value, of: term)
        } else {
            // Ignored, but not its syntax (RFC 7208 §6).
            _ = try SPFMacroString(modifierValue: value, of: term)
        }
    }
}
