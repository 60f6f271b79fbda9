// SPDX-License-Identifier: Apache-2.0

/// Named values that the MTA tells before a step (SMFIC_MACRO).
///
/// Names stand without braces: `{auth_authen}` is `auth_authen`, and `{i}` is `i`.
package struct MilterMacros: Hashable, Sendable {
    /// In the order in which they came; of equal names the last one counts.
    package private(set) var values: [String: String]

    package init(_ values: [String: String] = [:]) { self.values = values }

    /// The value of a macro; an empty one counts as missing, since MTAs send those for what they don't know.
    package subscript(name: String) -> String? {
        guard let value = values[name], !value.isEmpty else { return nil }
        return value
    }

    package mutating func set(_ name: String, to value: String) { values[Self.bare(name)] = value }

    /// Takes in what was told at a later step.
    package mutating func merge(_ later: MilterMacros) { values.merge(later.values) { $1 } }

    /// The name without braces. By octets, since a brace and a mark that combines with it are one `Character`.
    package static func bare(_ name: String) -> String {
        let octets = name.utf8
        guard octets.count > 2, octets.first == UInt8(ascii: "{"), octets.last == UInt8(ascii: "}") else { return name }
        return String(decoding: octets.dropFirst().dropLast(), as: UTF8.self)
    }

    /// The name as it is written on the wire: braces unless it is a single letter.
    package static func written(_ name: String) -> String { name.utf8.count == 1 ? name : "{\(name)}" }
}
