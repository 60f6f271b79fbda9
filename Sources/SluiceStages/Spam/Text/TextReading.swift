// SPDX-License-Identifier: Apache-2.0
import NIOCore
import SluiceCore

/// Reads the text parts of a message, up to a limit.
struct TextReading: Sendable {
    struct Text: Sendable {
        var isHTML: Bool
        /// The decoded text in UTF-8, HTML as it stands.
        var source: [UInt8]
        /// What is shown, hidden text too.
        var rendered: [UInt8]
        /// What can be seen.
        var visible: [UInt8]
        var isAttachment: Bool
        var charset: String?
        var transferEncoding: TransferEncoding
    }

    let limits: MessageText.Limits
    let charsets: any CharsetConverter
    var texts: [Text] = []
    var renderings: [HTMLRendering] = []
    var defects: [MIMEDefect.Kind] = []
    var isTruncated = false

    init(limits: MessageText.Limits, charsets: any CharsetConverter) {
        self.limits = limits
        self.charsets = charsets
    }

    /// Text parts in order. Messages inside the message (a bounce's original) are somebody else's words and left out.
    mutating func read(_ structure: MIMEStructure) throws {
        var room = limits.text
        var waiting = [structure.root]
        while let part = waiting.popLast() {
            if part.isEmbeddedMessage { continue }
            waiting += part.children.reversed()
            guard part.children.isEmpty, part.mediaType == "text/plain" || part.mediaType == "text/html" else {
                continue
            }
            guard room > 0 else {
                isTruncated = true
                return
            }
            var (source, found) = try part.decodedUTF8(limit: room, charsets: charsets)
            if source.count > room { source.removeLast(source.count - room) }
            room -= source.count
            defects += found
            if found.contains(where: { if case .decodeLimit = $0 { true } else { false } }) { isTruncated = true }
            add(source, of: part)
        }
    }

    private mutating func add(_ source: [UInt8], of part: MIMEPart) {
        let isHTML = part.mediaType == "text/html" || Self.looksLikeHTML(source)
        var text = Text(
            isHTML: isHTML, source: source, rendered: source, visible: source, isAttachment: part.isAttachment,
            charset: part.charset, transferEncoding: part.transferEncoding)
        if isHTML {
            let rendering = HTMLRenderer.render(source)
            text.rendered = rendering.text
            text.visible = rendering.visible
            renderings.append(rendering)
        }
        texts.append(text)
    }

    /// Whether a part that calls itself plain text is a page of HTML all the same, as mail programs take it.
    private static func looksLikeHTML(_ source: [UInt8]) -> Bool {
        let start = source.prefix(200).drop { $0.isHTMLSpace }
        return start.prefix(5).equalsIgnoringCase("<html") || start.prefix(14).equalsIgnoringCase("<!doctype html")
    }
}
