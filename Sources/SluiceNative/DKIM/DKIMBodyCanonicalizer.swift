// SPDX-License-Identifier: Apache-2.0
import NIOCore
import SluiceCore

/// Canonicalizes a body (RFC 6376 §3.4.3, §3.4.4), piece by piece, and computes its hash.
///
/// Only CRLF is a line end; a bare CR or LF is an octet like any other.
struct DKIMBodyCanonicalizer: ~Copyable {
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

    init(_ form: DKIMCanonicalization.Form, limit: Int?) {
        self.form = form
        self.limit = limit
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
                add(0x0D)
            }
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
    ///
    /// - Returns: the hash, and the length of the whole canonical form.
    consuming func finish() -> (hash: [UInt8], length: Int) {
        if hasPendingReturn { add(0x0D) }
        // An empty body is one empty line in the simple form, and nothing in the relaxed one.
        if length > 0 || form == .simple {
            emit(0x0D)
            emit(0x0A)
        }
        flush()
        return (digest.finish(), length)
    }
}
