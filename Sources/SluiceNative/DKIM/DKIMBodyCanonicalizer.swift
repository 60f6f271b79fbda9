// SPDX-License-Identifier: Apache-2.0
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
    private var output = ByteBuffer()
    /// The length of the canonical form so far.
    private var length = 0
    /// Line ends that count only if something follows them.
    private var pendingLineEnds = 0
    /// White space that counts, as one space, only if something follows it on its line.
    private var hasPendingSpace = false
    /// A CR whose LF may still come.
    private var hasPendingReturn = false
    private var hasBareLineEnds = false

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
        for byte in buffer.readableBytesView {
            if hasPendingReturn {
                hasPendingReturn = false
                if byte == 0x0A {
                    pendingLineEnds += 1
                    hasPendingSpace = false
                    continue
                }
                hasBareLineEnds = true
                add(0x0D)
            }
            if byte == 0x0A { hasBareLineEnds = true }
            if byte == 0x0D {
                hasPendingReturn = true
            } else if form == .relaxed, byte.isWhiteSpace {
                hasPendingSpace = true
            } else {
                add(byte)
            }
        }
    }

    private mutating func add(_ byte: UInt8) {
        while pendingLineEnds > 0 {
            emit(0x0D)
            emit(0x0A)
            pendingLineEnds -= 1
        }
        if hasPendingSpace {
            emit(0x20)
            hasPendingSpace = false
        }
        emit(byte)
    }

    private mutating func emit(_ byte: UInt8) {
        length += 1
        guard limit.map({ length <= $0 }) ?? true else { return }
        output.writeInteger(byte)
        if output.readableBytes >= 65536 { flush() }
    }

    private mutating func flush() {
        digest.update(output)
        output.clear()
    }

    /// Ends the body.
    consuming func finish() -> Result {
        if hasPendingReturn {
            hasBareLineEnds = true
            add(0x0D)
        }
        // An empty body is one empty line in the simple form, and nothing in the relaxed one.
        if length > 0 || form == .simple {
            emit(0x0D)
            emit(0x0A)
        }
        flush()
        return Result(hash: digest.finish(), length: length, hasBareLineEnds: hasBareLineEnds)
    }
}
