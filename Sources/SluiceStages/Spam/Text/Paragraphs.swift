// SPDX-License-Identifier: Apache-2.0

/// Cuts text into the pieces that rules see.
enum Paragraphs {
    /// The longest paragraph, in octets; a longer one is cut between words (SpamAssassin cuts at about 2 KiB too).
    static let lengthLimit = 2048
    /// The longest piece of `rawbody` text, in octets.
    static let chunkLimit = 4096

    /// Paragraphs as `body` rules see them: white space squeezed to one space, a paragraph where an empty line was.
    static func normalized(_ text: [UInt8], into paragraphs: inout [[UInt8]], limit: Int) {
        var current: [UInt8] = []
        var pendingSpace = false
        var lineFeeds = 0
        var index = 0

        func close() {
            guard !current.isEmpty, paragraphs.count < limit else { return }
            paragraphs.append(current + [0x0A])
            current = []
        }
        while index < text.count {
            let octet = text[index]
            // A no-break space in UTF-8 is white space too.
            let isNoBreakSpace = octet == 0xC2 && index + 1 < text.count && text[index + 1] == 0xA0
            index += isNoBreakSpace ? 2 : 1
            if isNoBreakSpace || octet.isHTMLSpace || octet == 0x0B {
                pendingSpace = true
                if octet == 0x0A { lineFeeds += 1 }
                continue
            }
            if lineFeeds >= 2 || current.count >= lengthLimit && pendingSpace || current.count >= 2 * lengthLimit {
                close()
            } else if pendingSpace, !current.isEmpty {
                current.append(0x20)
            }
            pendingSpace = false
            lineFeeds = 0
            current.append(octet)
        }
        close()
    }

    /// Pieces as `rawbody` rules see them: the text as it stands, lines ending in LF, cut at line ends.
    static func chunks(_ text: [UInt8], into chunks: inout [[UInt8]], limit: Int) {
        var current: [UInt8] = []
        for octet in text where octet != 0x0D {
            current.append(octet)
            if (octet == 0x0A && current.count >= chunkLimit) || current.count >= 2 * chunkLimit {
                if chunks.count < limit { chunks.append(current) }
                current = []
            }
        }
        if !current.isEmpty, chunks.count < limit { chunks.append(current) }
    }

    /// The text with all white space squeezed to one space, and none at its ends.
    static func squeezed(_ text: some Collection<UInt8>) -> [UInt8] {
        var squeezed: [UInt8] = []
        squeezed.reserveCapacity(text.count)
        for octet in text {
            if octet.isHTMLSpace {
                if let last = squeezed.last, last != 0x20 { squeezed.append(0x20) }
            } else {
                squeezed.append(octet)
            }
        }
        if squeezed.last == 0x20 { squeezed.removeLast() }
        return squeezed
    }
}
