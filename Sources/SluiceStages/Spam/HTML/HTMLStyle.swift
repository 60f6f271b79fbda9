// SPDX-License-Identifier: Apache-2.0
import SluiceCore

/// What decides whether text can be seen, as inherited from element to element. Style sheets (`<style>`) are not
/// applied: inline styles and the old attributes are.
struct HTMLStyle: Equatable {
    /// Why text is hidden.
    enum Hiding: String, Equatable, Sendable {
        /// `display: none`, `visibility: hidden`, `opacity: 0`, the attribute `hidden`, a box of no size.
        case display
        /// A font of less than 3 pixels.
        case size
        /// The colour of the background.
        case color
    }

    var isDisplayed = true
    /// In pixels, roughly.
    var fontSize = 16.0
    var color = HTMLColor.black
    /// `nil` where an image or something unknown is behind the text.
    var background: HTMLColor? = .white

    var hiding: Hiding? {
        if !isDisplayed { return .display }
        if fontSize < 3 { return .size }
        if let background, color.isIndistinguishable(from: background) { return .color }
        return nil
    }

    /// The style of an element inside one of this style.
    func inside(_ tag: HTMLTag) -> HTMLStyle {
        var style = self
        for attribute in tag.attributes {
            switch attribute.name {
            case "style": style.apply(attribute.value)
            case "bgcolor": style.background = HTMLColor(attribute.value)
            case "background": style.background = nil
            case "text" where tag.name == "body": style.color = HTMLColor(attribute.value) ?? style.color
            case "color" where tag.name == "font": style.color = HTMLColor(attribute.value) ?? style.color
            case "size" where tag.name == "font": style.fontSize = 16
            case "hidden": style.isDisplayed = false
            default: break
            }
        }
        // Style sheets may give links another colour, so theirs is not judged.
        if tag.name == "a", style.color == color, style.hiding == .color { style.background = nil }
        return style
    }

    /// Applies the declarations of a `style` attribute.
    private mutating func apply(_ declarations: [UInt8]) {
        var isClipped = false
        var hasNoHeight = false
        for declaration in declarations.split(separator: UInt8(ascii: ";"), maxSplits: 100) {
            guard let colon = declaration.firstIndex(of: UInt8(ascii: ":")) else { continue }
            let name = Self.word(declaration[..<colon])
            let value = Self.word(declaration[(colon + 1)...])
            switch name {
            case "display": if value.hasPrefix("none") { isDisplayed = false }
            case "visibility": if value.hasPrefix("hidden") { isDisplayed = false }
            case "opacity": if Self.number(value) == 0 { isDisplayed = false }
            case "mso-hide", "overflow": isClipped = isClipped || value.hasPrefix("hidden")
            case "max-height", "height", "max-width", "width": if Self.number(value) == 0 { hasNoHeight = true }
            case "font-size": fontSize = Self.size(value, parent: fontSize)
            case "color": color = HTMLColor(value.utf8) ?? color
            case "background-color": background = HTMLColor(value.utf8)
            case "background":
                background = value.contains("url") ? nil : HTMLColor(value.utf8)
            case "background-image": if value.contains("url") { background = nil }
            default: break
            }
        }
        if isClipped && hasNoHeight { isDisplayed = false }
    }

    private static func word(_ octets: ArraySlice<UInt8>) -> String {
        let trimmed = octets.drop { $0.isHTMLSpace }.prefix(60)
        var text = String(decoding: trimmed.map(\.asciiLowercased), as: UTF8.self)
        while text.utf8.last?.isHTMLSpace == true { text.removeLast() }
        return text
    }

    private static func number(_ value: String) -> Double? {
        Double(value.prefix { $0.isASCII && ($0.isNumber || $0 == ".") })
    }

    private static func size(_ value: String, parent: Double) -> Double {
        guard let number = number(value) else { return value.hasPrefix("xx-small") ? 9 : 16 }
        let unit = value.drop { $0.isASCII && ($0.isNumber || $0 == ".") }
        if unit.hasPrefix("pt") { return number * 4 / 3 }
        if unit.hasPrefix("em") || unit.hasPrefix("rem") { return number * (unit.hasPrefix("em") ? parent : 16) }
        if unit.hasPrefix("%") { return number * parent / 100 }
        if unit.hasPrefix("vw") || unit.hasPrefix("vh") { return number == 0 ? 0 : 16 }
        return number
    }
}
