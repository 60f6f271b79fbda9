// SPDX-License-Identifier: Apache-2.0

/// Cuts text into the pieces that rules see.
enum Paragraphs {
    /// The longest paragraph, in octets; a longer one is cut between words (SpamAssassin cuts at about 2 KiB too).
    static let lengthLimit = 2048
    /// The longest piece of `rawbody` text, in octets.
    static let chunkLimit = 4096

    /// Paragraphs as `body` rules see them: white space squeezed to one space, a paragraph where an empty line was.
    static func normalized(_ text: [UInt8], into paragraphs: inout [[UInt8]], limit: Int) {
        var ends: [Int] = []
        // Each end of a paragraph stands where white space was, but for those past the length limit.
        let all = [UInt8](capacity: text.count + text.count / lengthLimit + 2) { output in
            normalize(text.span, into: &output, &ends)
        }
        append(all, ends, to: &paragraphs, limit: limit)
    }

    private static func normalize(_ text: Span<UInt8>, into output: inout OutputSpan<UInt8>, _ ends: inout [Int]) {
        var start = 0
        var pendingSpace = false
        var lineFeeds = 0
        var index = 0
        while index < text.count {
            let octet = text[index]
            // A no-break space in UTF-8 is white space too.
            let isNoBreakSpace = octet == 0xC2 && index + 1 < text.count && text[index + 1] == 0xA0
            index += isNoBreakSpace ? 2 : 1
            if octet <= 0x20 || isNoBreakSpace, isNoBreakSpace || octet.isHTMLSpace || octet == 0x0B {
                pendingSpace = true
                if octet == 0x0A { lineFeeds += 1 }
                continue
            }
            let length = output.count - start
            if lineFeeds >= 2 || length >= lengthLimit && (pendingSpace || length >= 2 * lengthLimit) {
                if length > 0 {
                    output.append(0x0A)
                    ends.append(output.count)
                    start = output.count
                }
            } else if pendingSpace, length > 0 {
                output.append(0x20)
            }
            pendingSpace = false
            lineFeeds = 0
            output.append(octet)
        }
        if output.count > start {
            output.append(0x0A)
            ends.append(output.count)
        }
    }

    /// Cuts octets at these ends.
    private static func append(_ all: [UInt8], _ ends: [Int], to pieces: inout [[UInt8]], limit: Int) {
        if ends == [all.count], pieces.count < limit {
            pieces.append(all)
            return
        }
        var start = 0
        for end in ends where pieces.count < limit {
            pieces.append(Array(all[start..<end]))
            start = end
        }
    }

    /// Pieces as `rawbody` rules see them: the text as it stands, lines ending in LF, cut at line ends.
    static func chunks(_ text: [UInt8], into chunks: inout [[UInt8]], limit: Int) {
        var ends: [Int] = []
        let all = [UInt8](capacity: text.count) { output in
            let text = text.span
            var start = 0
            for index in text.indices where text[index] != 0x0D {
                output.append(text[index])
                let length = output.count - start
                if length >= chunkLimit, text[index] == 0x0A || length >= 2 * chunkLimit {
                    ends.append(output.count)
                    start = output.count
                }
            }
            if output.count > start { ends.append(output.count) }
        }
        append(all, ends, to: &chunks, limit: limit)
    }

    /// The text with all white space squeezed to one space, and none at its ends.
    static func squeezed(_ text: some Collection<UInt8>) -> [UInt8] { squeezed([text]) }

    /// The same for texts with white space between them.
    static func squeezed(_ texts: some Collection<some Collection<UInt8>>) -> [UInt8] {
        [UInt8](capacity: texts.reduce(0) { $0 + $1.count + 1 }) { output in
            var pendingSpace = false
            for text in texts {
                for octet in text {
                    if octet.isHTMLSpace {
                        pendingSpace = true
                        continue
                    }
                    if pendingSpace {
                        if output.count > 0 { output.append(0x20) }
                        pendingSpace = false
                    }
                    output.append(octet)
                }
                pendingSpace = true
            }
        }
    }
}
