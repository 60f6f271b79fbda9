// SPDX-License-Identifier: Apache-2.0
import SluiceCore

extension FactFinder {
    /// What is odd about the HTML.
    func htmlFacts() -> [Fact] {
        var facts: [Fact] = []
        let shown = reading.texts.filter { !$0.isAttachment }
        if !reading.renderings.isEmpty, shown.allSatisfy(\.isHTML) { facts.append(Fact("html-only")) }
        for rendering in reading.renderings {
            facts += hiddenFacts(rendering)
            if rendering.splitWords > 0 { facts.append(Fact("html-split-words", "\(rendering.splitWords)")) }
            for form in rendering.forms { facts.append(Fact("html-form", String(latin1OrUTF8: form.prefix(120)))) }
            if rendering.hasPasswordField { facts.append(Fact("html-password-field")) }
            let pictures = rendering.images.filter { ($0.width ?? 100) > 20 && ($0.height ?? 100) > 20 }
            if !pictures.isEmpty {
                let letters = rendering.visible.reduce(0) { $0 + ($1.isASCIIAlphanumeric || $1 >= 0x80 ? 1 : 0) }
                if letters < 300 {
                    facts.append(Fact("html-images-for-text", "\(pictures.count) images, \(letters) letters"))
                }
            }
            if !rendering.images.isEmpty { facts.append(Fact("html-images", "\(rendering.images.count)")) }
        }
        return facts
    }

    private func hiddenFacts(_ rendering: HTMLRendering) -> [Fact] {
        guard rendering.hiddenCount > 0 else { return [] }
        var facts: [Fact] = []
        let sample = String(latin1OrUTF8: Paragraphs.squeezed(rendering.hiddenSample).prefix(60))
        for kind in [HTMLStyle.Hiding.display, .size, .color] {
            guard let count = rendering.hiding[kind] else { continue }
            facts.append(Fact("html-hidden-by-\(kind.rawValue)", "\(count) letters, \(sample)"))
        }
        let visible = rendering.visible.reduce(0) { $0 + ($1 > 0x20 ? 1 : 0) }
        if rendering.hiddenCount > 200, rendering.hiddenCount > visible {
            facts.append(Fact("html-more-hidden-than-shown", "\(rendering.hiddenCount) and \(visible) letters"))
        }
        if rendering.hiddenInWords > 0 { facts.append(Fact("html-hidden-in-words", "\(rendering.hiddenInWords)")) }
        return facts
    }
}
