// SPDX-License-Identifier: Apache-2.0
import NIOCore
package import SluiceCore

extension MessageText {
    /// How much of the text a person reads before deciding what it is about, in octets.
    private static let openingLimit = 1500

    /// Reads a message.
    ///
    /// - Throws: ``StorageError`` where the content can't be read.
    package init(
        _ message: Message, circumstances: MessageCircumstances, charsets: any CharsetConverter = BasicCharsets(),
        limits: Limits = Limits()
    ) throws {
        header = HeaderTexts(message.header, charsets: charsets)
        let structure = try MIMEReader(
            limits: MIMEReader.Limits(nesting: limits.nesting), charsets: charsets
        ).read(message)
        limitsMet = header.limitsMet
        isUnread = !structure.isComplete
        var reading = TextReading(limits: limits, charsets: charsets)
        try reading.read(structure)
        if reading.isTruncated {
            let octets = limits.text
            limitsMet.append(octets >= 1024 ? "\(octets >> 10) KiB of text" : "\(octets) octets of text")
        }
        if reading.renderings.contains(where: \.isCut) {
            limitsMet.append("\(HTMLRenderer.listLimit) links or images of a page")
        }
        elements = reading.renderings.first?.elements ?? []
        for rendering in reading.renderings.dropFirst() { elements.formUnion(rendering.elements) }

        let subject = header.first("subject")?.value ?? []
        let shownSubject = Paragraphs.squeezed(subject)
        body.append(shownSubject + [0x0A])
        for text in reading.texts {
            // One more than there may be, so that it is known.
            Paragraphs.normalized(text.rendered, into: &body, limit: limits.pieces + 1)
            Paragraphs.chunks(text.source, into: &rawBody, limit: limits.pieces + 1)
        }
        if max(body.count, rawBody.count) > limits.pieces {
            body = Array(body.prefix(limits.pieces))
            rawBody = Array(rawBody.prefix(limits.pieces))
            limitsMet.append("\(limits.pieces) paragraphs")
        }
        uris = Self.uris(of: reading, limit: limits.uris + 1)
        if uris.count > limits.uris {
            uris.removeLast(uris.count - limits.uris)
            limitsMet.append("\(limits.uris) addresses of pages")
        }

        let folding = TextFolding(Paragraphs.squeezed(reading.texts.map(\.visible)))
        let foldedSubject = TextFolding(shownSubject, limit: 4096)
        let foldedFrom = header.first("from").map { TextFolding(Paragraphs.squeezed($0.value), limit: 4096) }
        pseudoHeaders["sluice-text"] = foldedSubject.text + [0x0A] + folding.text + [0x0A]
        pseudoHeaders["sluice-opening"] =
            foldedSubject.text + [0x0A] + folding.text.prefix(Self.openingLimit) + [0x0A]
        pseudoHeaders["sluice-subject"] = foldedSubject.text + [0x0A]
        if let foldedFrom { pseudoHeaders["sluice-from"] = foldedFrom.text + [0x0A] }
        if let path = circumstances.envelope?.reversePath {
            pseudoHeaders["envelopefrom"] = Array(path.written.utf8) + [0x0A]
        } else if let path = header.firstAddress("return-path") {
            pseudoHeaders["envelopefrom"] = Array(path.address.utf8) + [0x0A]
        }
        let finder = FactFinder(
            header: header, structure: structure, reading: reading, uris: uris, folding: folding,
            foldedSubject: foldedSubject, foldedFrom: foldedFrom, circumstances: circumstances)
        facts = finder.find()
        var lines: [UInt8] = []
        for fact in facts {
            lines += fact.line.utf8
            lines.append(0x0A)
        }
        pseudoHeaders["sluice-facts"] = lines
    }

    /// The URIs of links, images and forms, and those in text, each once, with the forms that decoding `%xx` gives.
    private static func uris(of reading: TextReading, limit: Int) -> [[UInt8]] {
        var found: [[UInt8]] = []
        var seen: Set<[UInt8]> = []
        func add(_ octets: [UInt8]) {
            var uri = octets
            if uri.count > URIFinder.lengthLimit || uri.contains(where: { $0 <= 0x20 }) {
                uri = Array(uri.lazy.filter { $0 > 0x20 }.prefix(URIFinder.lengthLimit))
            }
            guard !uri.isEmpty, uri.first != UInt8(ascii: "#"), found.count < limit, seen.insert(uri).inserted
            else { return }
            found.append(uri)
            if let decoded = URIFinder.unescaped(uri), found.count < limit, seen.insert(decoded).inserted {
                found.append(decoded)
            }
        }
        for rendering in reading.renderings {
            for link in rendering.links { add(link.target) }
            for image in rendering.images { add(image.source) }
            for form in rendering.forms { add(form) }
            for source in rendering.otherSources { add(source) }
        }
        for text in reading.texts {
            for uri in URIFinder.find(in: text.visible, limit: limit) { add(uri) }
        }
        return found
    }
}
