// SPDX-License-Identifier: Apache-2.0
import NIOCore

/// Reads content line by line through a window of bounded size. A line ends with LF; a CR before it belongs to the
/// line end. Of a long line only the start is at hand.
struct MIMELineScanner {
    struct Line {
        var start: Int
        /// Where the line end before this line begins; a delimiter line takes it along (RFC 2046 §5.1.1).
        var precedingContentEnd: Int
        /// Behind the line end.
        var end: Int
        /// The line's first octets, ``MIMELineScanner/headLength`` at most, without the line end.
        var head: ByteBufferView
        /// Whether `head` is the whole line.
        var isWhole: Bool
    }

    /// More than any delimiter line that is accepted.
    static let headLength = 1024
    private static let windowLength = 65536

    /// For each octet, whether the boundary of an open multipart begins with it.
    var delimiterStarts = [Bool](repeating: false, count: 256)

    private let source: any ContentSource
    private var window = ByteBuffer()
    private var windowStart = 0
    /// Where the next line begins.
    private var position = 0
    /// Where the line end before ``position`` begins.
    private var precedingContentEnd = 0

    init(_ source: any ContentSource) { self.source = source }

    /// Goes back to a line that was read before.
    mutating func rewind(to line: Line) {
        position = line.start
        precedingContentEnd = line.precedingContentEnd
    }

    /// The next line, or `nil` at the end.
    mutating func next() throws -> Line? {
        let start = position
        guard start < source.length else { return nil }
        try show(start, Self.headLength + 2)
        guard let head = window.viewBytes(at: window.readerIndex + start - windowStart, length: shown(from: start))
        else { return nil }
        let preceding = precedingContentEnd
        let headEnd = try skipLine()
        let length = min(headEnd - start, Self.headLength)
        return Line(
            start: start, precedingContentEnd: preceding, end: position, head: head.prefix(length),
            isWhole: headEnd - start <= Self.headLength)
    }

    /// The next line that may be a delimiter line: two hyphens and one of ``delimiterStarts``. `nil` at the end.
    mutating func nextDelimiterCandidate() throws -> Line? {
        while position < source.length {
            try show(position, 3)
            let before = position
            if skipLinesAtHand() { return try next() }
            // A line that goes on behind the window, or the last one.
            if position == before { _ = try skipLine() }
        }
        return nil
    }

    /// Moves over the lines that are wholly at hand; says whether it stands at one that may be a delimiter line.
    ///
    /// All of a body passes through this loop, so it makes no values.
    private mutating func skipLinesAtHand() -> Bool {
        let window = window
        let octets = window.readableBytesUInt8Span
        var start = position - windowStart
        while start + 2 < octets.count {
            if octets[start] == 0x2D, octets[start + 1] == 0x2D, delimiterStarts[Int(octets[start + 2])] { return true }
            var end = start
            while end < octets.count, octets[end] != 0x0A { end += 1 }
            if end == octets.count { return false }
            let hasReturn = end > start && octets[end - 1] == 0x0D
            precedingContentEnd = windowStart + (hasReturn ? end - 1 : end)
            start = end + 1
            position = windowStart + start
        }
        return false
    }

    /// The octets at hand from an offset on.
    private func shown(from offset: Int) -> Int { max(0, windowStart + window.readableBytes - offset) }

    /// Makes sure that so many octets from an offset on are at hand, or all up to the end.
    private mutating func show(_ offset: Int, _ count: Int) throws {
        let wanted = min(offset + count, source.length)
        if offset >= windowStart, wanted <= windowStart + window.readableBytes { return }
        window = try source.read(at: offset, count: Self.windowLength)
        windowStart = offset
    }

    /// Moves behind the next line end and returns where the line's content ends.
    private mutating func skipLine() throws -> Int {
        var searched = position
        var lastIsReturn = false
        while searched < source.length {
            try show(searched, 1)
            let available = shown(from: searched)
            guard available > 0,
                let view = window.viewBytes(
                    at: window.readerIndex + searched - windowStart, length: available)
            else { break }
            if let index = view.firstIndex(of: 0x0A) {
                let offset = searched + index - view.startIndex
                let hasReturn = index > view.startIndex ? view[index - 1] == 0x0D : lastIsReturn
                position = offset + 1
                precedingContentEnd = hasReturn ? offset - 1 : offset
                return precedingContentEnd
            }
            lastIsReturn = view.last == 0x0D
            searched += available
        }
        position = source.length
        precedingContentEnd = source.length
        return source.length
    }
}
