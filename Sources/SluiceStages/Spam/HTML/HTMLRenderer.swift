// SPDX-License-Identifier: Apache-2.0
import SluiceCore

/// Renders HTML to text in one pass: no recursion, linear time, every list bounded.
struct HTMLRenderer {
    /// The deepest nesting of elements that is followed; deeper ones inherit from there.
    static let depthLimit = 256
    /// The most links, images and forms that are kept, each.
    static let listLimit = 1000
    /// The longest text of a link that is kept, in octets.
    static let anchorLimit = 400
    private static let sampleLimit = 80
    private static let elementLimit = 200

    private struct Open {
        var name: String
        var style: HTMLStyle
    }

    private var rendering = HTMLRendering()
    private var open: [Open] = []
    /// Elements that were opened past the depth limit.
    private var overflow = 0
    private var anchor: HTMLRendering.Link?
    private var rawElement: String?
    /// What stood last before a comment, an unknown tag or hidden text that is inside a word.
    private var splitCandidate = false
    private var hiddenCandidate = false

    /// - Parameter source: HTML in UTF-8 (or any octets).
    static func render(_ source: [UInt8]) -> HTMLRendering {
        var renderer = HTMLRenderer()
        var tokenizer = HTMLTokenizer(source)
        while let token = tokenizer.next() {
            switch token {
            case .text(let range): renderer.text(tokenizer.octets(range))
            case .start(let tag): renderer.start(tag)
            case .end(let name): renderer.end(name)
            case .comment: renderer.splitCandidate = renderer.endsInLetter
            }
        }
        renderer.closeAnchor()
        return renderer.rendering
    }

    private var style: HTMLStyle { open.last?.style ?? HTMLStyle() }
    private var endsInLetter: Bool { rendering.visible.last?.isASCIILetter ?? false }

    private mutating func text(_ octets: ArraySlice<UInt8>) {
        switch rawElement {
        case "title":
            if rendering.title.count < 400 { HTMLCharacterReference.append(octets.prefix(400), to: &rendering.title) }
        case nil, "textarea": show(HTMLCharacterReference.decoded(octets))
        default: break
        }
        rawElement = nil
    }

    private mutating func show(_ text: [UInt8]) {
        rendering.text += text
        if let hiding = style.hiding {
            let count = text.reduce(0) { $0 + ($1.isHTMLSpace || $1 == 0xC2 || $1 == 0xA0 ? 0 : 1) }
            guard count > 0 else { return }
            rendering.hiddenCount += count
            rendering.hiding[hiding, default: 0] += count
            rendering.hiddenSample += text.prefix(max(0, Self.sampleLimit - rendering.hiddenSample.count))
            if endsInLetter { hiddenCandidate = true }
            return
        }
        if let first = text.first {
            if first.isASCIILetter, endsInLetter {
                if splitCandidate { rendering.splitWords += 1 }
                if hiddenCandidate { rendering.hiddenInWords += 1 }
            }
            splitCandidate = false
            hiddenCandidate = false
        }
        rendering.visible += text
        if let room = anchor.map({ Self.anchorLimit - $0.text.count }), room > 0 {
            anchor?.text += text.prefix(room)
        }
    }

    private mutating func newLine(_ count: Int) {
        for _ in 0..<count {
            rendering.text.append(0x0A)
            rendering.visible.append(0x0A)
        }
    }

    private mutating func start(_ tag: HTMLTag) {
        if rendering.elements.count < Self.elementLimit { rendering.elements.insert(tag.name) }
        switch HTMLElementKind(tag.name) {
        case .lineBreak: newLine(1)
        case .paragraph: newLine(2)
        case .cell: space()
        case .inline: break
        case .unknown: splitCandidate = endsInLetter
        }
        if HTMLElementKind.isRaw(tag.name) { rawElement = tag.name }
        // All that is collected is in attributes.
        if !tag.attributes.isEmpty || tag.name == "a" || tag.name == "area" || tag.name == "form" { collect(tag) }
        guard !HTMLElementKind.isVoid(tag.name) else { return }
        guard open.count < Self.depthLimit else {
            overflow += 1
            return
        }
        open.append(Open(name: tag.name, style: tag.attributes.isEmpty && tag.name != "a" ? style : style.inside(tag)))
    }

    private mutating func space() {
        rendering.text.append(0x20)
        rendering.visible.append(0x20)
    }

    private mutating func collect(_ tag: HTMLTag) {
        switch tag.name {
        case "a", "area":
            closeAnchor()
            if let target = tag["href"], hasRoom(rendering.links.count) {
                anchor = HTMLRendering.Link(target: target, text: [])
                if tag.name == "area" { closeAnchor() }
            }
        case "img", "image", "v:fill", "v:imagedata":
            guard let source = tag["src"], hasRoom(rendering.images.count) else { return }
            rendering.images.append(
                HTMLRendering.Image(
                    source: source, width: Self.pixels(tag["width"]), height: Self.pixels(tag["height"])))
        case "form":
            if hasRoom(rendering.forms.count) { rendering.forms.append(tag["action"] ?? []) }
        case "input":
            if tag["type"]?.equalsIgnoringCase("password") == true { rendering.hasPasswordField = true }
        case "iframe", "frame", "script", "embed", "object", "base", "link", "body", "table", "td":
            let target = tag["src"] ?? tag["href"] ?? tag["background"] ?? []
            if !target.isEmpty, hasRoom(rendering.otherSources.count) { rendering.otherSources.append(target) }
        case "meta":
            // <meta http-equiv=refresh content="0; url=…">
            guard tag["http-equiv"]?.equalsIgnoringCase("refresh") == true, let content = tag["content"],
                let equals = content.firstIndex(of: UInt8(ascii: "="))
            else { return }
            if hasRoom(rendering.otherSources.count) {
                rendering.otherSources.append(Array(content[(equals + 1)...]))
            }
        default: break
        }
    }

    /// Whether there is room for one more; where not, that is noted.
    private mutating func hasRoom(_ count: Int) -> Bool {
        if count >= Self.listLimit { rendering.isCut = true }
        return count < Self.listLimit
    }

    private static func pixels(_ value: [UInt8]?) -> Int? {
        value.flatMap { Int(String(decoding: $0.prefix(6).prefix { $0.isASCIIDigit }, as: UTF8.self)) }
    }

    private mutating func end(_ name: String) {
        rawElement = nil
        switch HTMLElementKind(name) {
        case .lineBreak: newLine(1)
        case .paragraph: newLine(2)
        case .cell: space()
        case .inline: break
        case .unknown: splitCandidate = endsInLetter
        }
        if name == "a" { closeAnchor() }
        if overflow > 0 {
            overflow -= 1
            return
        }
        // An end tag without a start tag near by closes nothing.
        guard let index = open.lastIndex(where: { $0.name == name }), open.count - index <= 64 else { return }
        open.removeLast(open.count - index)
    }

    private mutating func closeAnchor() {
        guard let link = anchor else { return }
        rendering.links.append(link)
        anchor = nil
    }
}
