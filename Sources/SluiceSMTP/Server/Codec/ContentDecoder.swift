// SPDX-License-Identifier: Apache-2.0
package import NIOCore
import SluiceCore

/// Takes the content of one message from what a client sends after DATA: octets in, chunks without dot-stuffing out.
///
/// Only CRLF `.` CRLF ends it (RFC 5321 §4.1.1.4, 4.5.2); a CR, an LF or a NUL anywhere else is a defect. Once there
/// is a defect nothing more is handed over, and the rest is read and dropped up to the real end, so that none of it is
/// ever taken for a command. CR CRLF `.` CRLF ends it too, but a host before us may have read it otherwise: that is a
/// defect of its own. A chunk is a slice of the buffer, copied only where a stuffed dot was removed from it.
package struct ContentDecoder: Sendable {
    package enum Item: Equatable, Sendable {
        case chunk(ByteBuffer)
        /// The final dot has been read.
        case end(ContentDefect?)
    }

    private enum State {
        /// Behind a CRLF, or at the very start.
        case lineStart
        case inLine
        case afterCR
        /// Behind a dot that begins a line.
        case afterDot
        case afterDotCR
        case ended
    }

    private let limits: SMTPServerLimits
    private var state = State.lineStart
    private var defect: ContentDefect?
    private var header = HeaderScanner()
    private var lineLength = 0
    /// A CR stands right before the CR just read.
    private var followsBareCR = false
    /// A CR stands right before the CRLF of the last line end.
    private var hasDoubtfulLineEnd = false
    /// The octets of the content so far, as RFC 1870 §3 counts them: without stuffed dots and the end.
    package private(set) var length = 0

    package init(limits: SMTPServerLimits) { self.limits = limits }

    /// Takes the next chunk, or the end, from the buffer; `nil` where more octets are needed.
    package mutating func next(from buffer: inout ByteBuffer) -> Item? {
        while state != .ended {
            guard buffer.readableBytes > 0 else { return nil }
            let scan = scan(buffer.readableBytesUInt8Span)
            let chunk = Self.chunk(scan.runs, of: buffer)
            buffer.moveReaderIndex(forwardBy: scan.consumed)
            if defect == nil, let chunk { return .chunk(chunk) }
        }
        return .end(defect)
    }

    private static func chunk(_ runs: [Range<Int>], of buffer: ByteBuffer) -> ByteBuffer? {
        guard let first = runs.first else { return nil }
        if runs.count == 1 { return buffer.getSlice(at: buffer.readerIndex + first.lowerBound, length: first.count) }
        var chunk = ByteBuffer()
        chunk.reserveCapacity(runs.reduce(0) { $0 + $1.count })
        for run in runs {
            if let slice = buffer.getSlice(at: buffer.readerIndex + run.lowerBound, length: run.count) {
                chunk.writeImmutableBuffer(slice)
            }
        }
        return chunk
    }

    private struct Scan {
        var consumed = 0
        /// The parts that belong to the content.
        var runs: [Range<Int>] = []

        mutating func end(_ run: inout Int, at index: Int) {
            if index > run { runs.append(run..<index) }
            run = index + 1
        }
    }

    private mutating func scan(_ octets: Span<UInt8>) -> Scan {
        var scan = Scan()
        var run = 0
        var index = 0
        while index < octets.count {
            let octet = octets[index]
            switch state {
            case .lineStart where octet == UInt8(ascii: "."):
                scan.end(&run, at: index)
                state = .afterDot
                index += 1
            case .lineStart, .inLine: index = readLine(octets, from: index)
            case .afterCR:
                if octet == 0x0A {
                    endLine()
                    index += 1
                } else {
                    foundBareCR(before: octet)
                }
            case .afterDot where octet == 0x0D:
                run = index + 1
                state = .afterDotCR
                index += 1
            case .afterDot: state = .inLine
            case .afterDotCR where octet == 0x0A:
                if hasDoubtfulLineEnd { found(.doubtfulEnd) }
                state = .ended
                index += 1
                scan.consumed = index
                return scan
            case .afterDotCR: foundBareCR(before: octet)
            case .ended:
                scan.consumed = index
                return scan
            }
        }
        scan.end(&run, at: index)
        scan.consumed = index
        return scan
    }

    /// Reads on within a line, up to and with the next CR, LF or NUL; returns where.
    private mutating func readLine(_ octets: Span<UInt8>, from start: Int) -> Int {
        let index = octets.nextLineOctet(from: start)
        if !header.isOver {
            for position in start..<index { header.read(octets[position]) }
        }
        count(index - start)
        state = .inLine
        guard index < octets.count else { return index }
        count(1)
        switch octets[index] {
        case 0x0D: state = .afterCR
        case 0x0A: found(.lineEnd)
        default: found(.nul)
        }
        return index + 1
    }

    private mutating func endLine() {
        count(1)
        if !header.isOver {
            header.lineEnded(length: lineLength)
            if header.octets > limits.header { found(.headerTooLarge) }
            if header.receivedFields > limits.hops { found(.tooManyHops) }
        }
        lineLength = 0
        hasDoubtfulLineEnd = followsBareCR
        followsBareCR = false
        state = .lineStart
    }

    private mutating func foundBareCR(before octet: UInt8) {
        found(.lineEnd)
        followsBareCR = octet == 0x0D
        state = .inLine
    }

    private mutating func count(_ octets: Int) {
        length += octets
        lineLength += octets
        if length > limits.messageSize { found(.tooLarge) }
        if lineLength > limits.contentLine { found(.lineTooLong) }
    }

    private mutating func found(_ other: ContentDefect) { defect = max(defect ?? other, other) }
}
