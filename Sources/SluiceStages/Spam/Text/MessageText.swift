// SPDX-License-Identifier: Apache-2.0
import SluiceCore

/// The texts of a message that rules look at, made once and bounded in size. `docs/rules.md` says what each holds.
package struct MessageText: Sendable {
    /// How much of a message is looked at.
    package struct Limits: Hashable, Sendable {
        /// Octets of decoded text, all text parts together. What lies behind is not looked at, and a finding says so.
        package var text: Int
        /// Paragraphs, and pieces of raw text.
        package var pieces: Int
        package var uris: Int
        /// How deep MIME parts may nest (`limits.nesting`).
        package var nesting: Int

        package init(text: Int = 512 << 10, pieces: Int = 20_000, uris: Int = 1000, nesting: Int = 100) {
            self.text = text
            self.pieces = pieces
            self.uris = uris
            self.nesting = nesting
        }
    }

    var header: HeaderTexts
    /// The Subject, then the paragraphs of all text parts.
    package var body: [[UInt8]] = []
    /// The decoded text parts as they stand.
    package var rawBody: [[UInt8]] = []
    package var uris: [[UInt8]] = []
    /// Text that has a name and is looked at like a header field (`Sluice-Text`, `EnvelopeFrom`, …), by the name in
    /// lower case.
    var pseudoHeaders: [String: [UInt8]] = [:]
    /// What our own reader found, in the order of `docs/rules.md`.
    var facts: [Fact] = []
    /// The names of HTML elements that occur.
    var elements: Set<String> = []
    /// Whether text or fields were left out for a limit: only the start of what is large was looked at.
    package var isTruncated: Bool { !limitsMet.isEmpty }
    /// Those limits, in words, each once.
    package var limitsMet: [String] = []
    /// Whether a limit ended the MIME reader: what lies behind is not known.
    package var isUnread = false

    /// What a rule that names this field and part looks at; `nil` where there is no such field.
    func field(_ name: String, _ part: HeaderTest.Part) -> [UInt8]? {
        pseudoHeaders[name] ?? header.text(name, part)
    }

    func hasField(_ name: String) -> Bool {
        header.contains(name) || pseudoHeaders[name] != nil || header.text(name, .value) != nil
    }

    func hasFact(_ name: String) -> Bool { facts.contains { $0.name == name } }
}

/// Something that reading a message found and that a regular expression sees badly: a name of ours and the evidence.
///
/// Rules see all facts as the pseudo-header `Sluice-Facts`, a line each: `name: evidence`.
struct Fact: Hashable, Sendable {
    var name: String
    var evidence: String

    /// The longest evidence, in octets.
    static let evidenceLimit = 200

    init(_ name: String, _ evidence: String = "") {
        self.name = name
        guard evidence.utf8.count > Self.evidenceLimit || evidence.utf8.contains(where: { $0 < 0x20 }) else {
            self.evidence = evidence
            return
        }
        let flat = evidence.unicodeScalars.prefix(Self.evidenceLimit).map { $0.value < 0x20 ? " " : $0 }
        var scalars = String.UnicodeScalarView()
        scalars.append(contentsOf: flat)
        self.evidence = String(scalars)
    }

    var line: String { evidence.isEmpty ? name + ":" : name + ": " + evidence }
}
