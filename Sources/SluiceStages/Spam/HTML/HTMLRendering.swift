// SPDX-License-Identifier: Apache-2.0

/// What a reader of an HTML part sees, and what he does not.
struct HTMLRendering: Sendable {
    struct Link: Equatable, Sendable {
        /// The value of `href`.
        var target: [UInt8]
        /// The text that is shown for it, white space squeezed, at most ``HTMLRenderer/anchorLimit`` octets.
        var text: [UInt8]
    }

    struct Image: Equatable, Sendable {
        var source: [UInt8]
        /// In pixels, where the tag says so.
        var width: Int?
        var height: Int?
    }

    /// All text in UTF-8, hidden text too, as SpamAssassin's `body` rules see it; a line feed for `<br>` and blocks,
    /// two for paragraphs.
    var text: [UInt8] = []
    /// The text that can be seen.
    var visible: [UInt8] = []
    /// The number of octets of hidden text, without white space.
    var hiddenCount = 0
    /// The start of the hidden text.
    var hiddenSample: [UInt8] = []
    /// Ways in which text is hidden, with the octets each hides.
    var hiding: [HTMLStyle.Hiding: Int] = [:]
    var links: [Link] = []
    var images: [Image] = []
    /// The targets of forms.
    var forms: [[UInt8]] = []
    var hasPasswordField = false
    /// The names of elements that occur.
    var elements: Set<String> = []
    var title: [UInt8] = []
    /// Comments or unknown tags that stand inside a word.
    var splitWords = 0
    /// Hidden text that stands inside a word: letters on both sides, nothing between that can be seen.
    var hiddenInWords = 0
    /// Targets of `src` that are no images, such as frames and scripts.
    var otherSources: [[UInt8]] = []
    /// Whether links, images, forms or sources were left out for ``HTMLRenderer/listLimit``.
    var isCut = false
}
