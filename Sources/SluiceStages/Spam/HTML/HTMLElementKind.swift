// SPDX-License-Identifier: Apache-2.0

/// What an element does to the text around it.
enum HTMLElementKind {
    case lineBreak
    case paragraph
    case cell
    case inline
    /// No element of HTML: tags of this kind serve to split words.
    case unknown

    init(_ name: String) {
        self = Self.kinds[name] ?? (name.contains(":") ? .inline : .unknown)
    }

    /// Elements without an end tag.
    static func isVoid(_ name: String) -> Bool { voidNames.contains(name) }

    private static let voidNames: Set<String> = [
        "area", "base", "basefont", "bgsound", "br", "col", "embed", "frame", "hr", "img", "input", "keygen", "link",
        "meta", "param", "source", "track", "wbr",
    ]

    /// Elements whose content is no markup.
    static func isRaw(_ name: String) -> Bool {
        switch name.utf8.first {
        // Most elements begin with another letter.
        case UInt8(ascii: "s"), UInt8(ascii: "x"), UInt8(ascii: "i"), UInt8(ascii: "n"), UInt8(ascii: "t"):
            rawNames.contains(name)
        default: false
        }
    }

    private static let rawNames: Set<String> = [
        "script", "style", "xmp", "iframe", "noembed", "noframes", "title", "textarea",
    ]

    private static let kinds: [String: HTMLElementKind] = {
        var kinds: [String: HTMLElementKind] = [:]
        let lines = "br div tr li dt dd option address article aside footer header main nav section figure caption"
        let paragraphs = "p hr table ul ol dl h1 h2 h3 h4 h5 h6 blockquote pre form body html center title fieldset"
        let inline = """
            a abbr acronym applet area audio b base basefont bdi bdo big blink button canvas cite code col colgroup data \
            datalist del details dfn dialog dir em embed figcaption font frame frameset head hgroup i iframe ilayer img \
            image input ins isindex kbd keygen label layer legend link listing map mark marquee menu menuitem meta meter \
            multicol nobr noembed noframes nolayer noscript object optgroup output param picture plaintext progress q rp rt \
            ruby s samp script select small source spacer span strike strong style sub summary sup svg path g tbody \
            template textarea tfoot thead time track tt u var video wbr xml xmp bgsound slot search
            """
        for name in inline.split(whereSeparator: { $0 == " " || $0 == "\n" }) { kinds[String(name)] = .inline }
        for name in lines.split(separator: " ") { kinds[String(name)] = .lineBreak }
        for name in paragraphs.split(separator: " ") { kinds[String(name)] = .paragraph }
        kinds["td"] = .cell
        kinds["th"] = .cell
        return kinds
    }()
}
