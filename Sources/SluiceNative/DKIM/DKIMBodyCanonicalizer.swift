// SPDX-License-Identifier: Apache-2.0
import Foundation
import NIOCore
import SluiceCore

/// Canonicalizes a body (RFC 6376 §3.4.3, §3.4.4), piece by piece, and computes its hash.
///
/// Only CRLF is a line end; a bare CR or LF is an octet like any other.
struct DKIMBodyCanonicalizer: ~Copyable {
    struct Result {
        var hash: [UInt8]
        /// The length of the whole canonical form, whatever part of it was hashed.
        var length: Int
        /// Whether a CR or LF stands alone.
        var hasBareLineEnds: Bool
    }

    private let form: DKIMCanonicalization.Form
    /// So many octets of the canonical form are hashed (`l=`); `nil` for all.
    private let limit: Int?
    private var digest = SHA256Digest()
    /// The length of the canonical form so far.
    private var length = 0
    /// Line ends that count only if something follows them.
    private var pendingLineEnds = 0
    /// White space that counts, as one space, only if something follows it on its line.
    private var hasPendingSpace = false
    /// A CR whose LF may still come.
    private var hasPendingReturn = false
    private var hasBareLineEnds = false
    /// Canonical octets that are not yet hashed: the relaxed form is written here, as it changes nearly every line.
    private var output: [UInt8] = []

    private static let outputSize = 16384

    init(_ form: DKIMCanonicalization.Form, limit: Int?) {
        self.form = form
        self.limit = limit
    }

    /// Canonicalizes a whole body.
    ///
    /// - Throws: ``StorageError`` where the content can't be read.
    static func hash(
        of body: any ContentSource, _ form: DKIMCanonicalization.Form, limit: Int? = nil
    ) throws -> Result {
        var canonicalizer = DKIMBodyCanonicalizer(form, limit: limit)
        // `forEachChunk` can't be used: a closure may not consume what it captures.
        var offset = 0
        while offset < body.length {
            let chunk = try body.read(at: offset, count: 65536)
            if chunk.readableBytes == 0 { break }
            offset += chunk.readableBytes
            canonicalizer.update(chunk)
        }
        return canonicalizer.finish()
    }

    mutating func update(_ buffer: ByteBuffer) {
        buffer.withUnsafeReadableBytes { octets in
            guard var rest = octets.first.map({ _ in octets[...] }) else { return }
            if hasPendingReturn {
                hasPendingReturn = false
                if rest.first == 0x0A {
                    pendingLineEnds += 1
                    hasPendingSpace = false
                    rest = rest.dropFirst()
                } else {
                    hasBareLineEnds = true
                    addReturn()
                }
            }
            let line = UnsafeRawBufferPointer(rebasing: rest)
            switch form {
            case .simple: updateSimple(line)
            case .relaxed: updateRelaxed(line)
            }
        }
    }

    /// All octets stand as they are, but for the line ends at the end: those wait for what follows.
    private mutating func updateSimple(_ octets: UnsafeRawBufferPointer) {
        var end = octets.count
        if end > 0, octets[end - 1] == 0x0D {
            hasPendingReturn = true
            end -= 1
        }
        let contentEnd = { () -> Int in
            var end = end
            while end >= 2, octets[end - 1] == 0x0A, octets[end - 2] == 0x0D { end -= 2 }
            return end
        }()
        if contentEnd > 0 {
            let content = UnsafeRawBufferPointer(rebasing: octets[..<contentEnd])
            hasBareLineEnds = hasBareLineEnds || Self.hasBareLineEnds(content)
            writePendingLineEnds()
            flush()
            hash(content)
        }
        pendingLineEnds += (end - contentEnd) / 2
    }

    private mutating func updateRelaxed(_ octets: UnsafeRawBufferPointer) {
        var index = 0
        while index < octets.count {
            let byte = octets[index]
            switch byte {
            case 0x20, 0x09:
                hasPendingSpace = true
                index += 1
            case 0x0D:
                guard index + 1 < octets.count else {
                    hasPendingReturn = true
                    return
                }
                if octets[index + 1] == 0x0A {
                    pendingLineEnds += 1
                    hasPendingSpace = false
                    index += 2
                } else {
                    hasBareLineEnds = true
                    addReturn()
                    index += 1
                }
            default:
                let end = endOfUnchanged(in: octets, from: index)
                writePending()
                write(UnsafeRawBufferPointer(rebasing: octets[index..<end]))
                index = end
            }
        }
    }

    /// Where what stands in the relaxed form as it came ends: words with one space between them, and lines that end with
    /// no white space before and none behind.
    private mutating func endOfUnchanged(in octets: UnsafeRawBufferPointer, from start: Int) -> Int {
        var end = start
        while end < octets.count {
            switch octets[end] {
            case 0x09: return end
            case 0x20:
                guard end + 1 < octets.count, !Self.isSpaceOrReturn(octets[end + 1]) else { return end }
                end += 1
            case 0x0D:
                guard end + 2 < octets.count, octets[end + 1] == 0x0A, !Self.isSpaceOrReturn(octets[end + 2]) else {
                    return end
                }
                end += 2
            case 0x0A:
                hasBareLineEnds = true
                end += 1
            default: end += 1
            }
        }
        return end
    }

    private static func isSpaceOrReturn(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0D }

    /// Whether a CR or LF stands alone in octets before which none waits.
    ///
    /// `memchr` and not a loop over the octets: bodies are long.
    private static func hasBareLineEnds(_ octets: UnsafeRawBufferPointer) -> Bool {
        guard let base = octets.baseAddress else { return false }
        func find(_ byte: Int32, _ range: Range<Int>) -> Int? {
            range.isEmpty ? nil : memchr(base + range.lowerBound, byte, range.count).map { UnsafeRawPointer($0) - base }
        }
        var start = 0
        while let lineFeed = find(0x0A, start..<octets.count) {
            guard lineFeed > 0, octets[lineFeed - 1] == 0x0D, find(0x0D, start..<(lineFeed - 1)) == nil else {
                return true
            }
            start = lineFeed + 1
        }
        return find(0x0D, start..<octets.count) != nil
    }

    /// Adds a CR without LF.
    private mutating func addReturn() {
        writePending()
        output.append(0x0D)
    }

    private mutating func writePending() {
        if pendingLineEnds > 0 { writePendingLineEnds() }
        if hasPendingSpace {
            output.append(0x20)
            hasPendingSpace = false
        }
    }

    private mutating func writePendingLineEnds() {
        while pendingLineEnds > 0 {
            output.append(0x0D)
            output.append(0x0A)
            pendingLineEnds -= 1
            if output.count >= Self.outputSize { flush() }
        }
    }

    private mutating func write(_ octets: UnsafeRawBufferPointer) {
        if octets.count + output.count <= Self.outputSize {
            output.append(contentsOf: octets)
        } else {
            flush()
            hash(octets)
        }
    }

    private mutating func flush() {
        guard !output.isEmpty else { return }
        output.withUnsafeBytes { hash($0) }
        output.removeAll(keepingCapacity: true)
    }

    /// Hashes canonical octets, so far as `l=` reaches.
    private mutating func hash(_ octets: UnsafeRawBufferPointer) {
        let room = limit.map { max(0, $0 - length) } ?? octets.count
        length += octets.count
        digest.update(UnsafeRawBufferPointer(rebasing: octets.prefix(room)))
    }

    /// Ends the body.
    consuming func finish() -> Result {
        if hasPendingReturn {
            hasBareLineEnds = true
            addReturn()
        }
        flush()
        // An empty body is one empty line in the simple form, and nothing in the relaxed one.
        if length > 0 || form == .simple {
            output.append(contentsOf: [0x0D, 0x0A])
            flush()
        }
        return Result(hash: digest.finish(), length: length, hasBareLineEnds: hasBareLineEnds)
    }
}
