// SPDX-License-Identifier: Apache-2.0
import COpenDKIM
import Foundation
import NIOCore
import SluiceCore

/// Facts about libopendkim that its callers here go by.
enum OpenDKIM {
    /// The longest key record that its buffer takes, in octets.
    static let keyRecordLimit = 1000
    /// The longest `h=` that it does not cut, in octets.
    static let signedFieldsLimit = 4000

    /// Sets an option of a library handle.
    static func set<Value>(_ option: Int32, _ value: Value, of library: OpaquePointer) -> Bool {
        var value = value
        return withUnsafeMutablePointer(to: &value) {
            dkim_options(library, DKIM_OP_SETOPT, option, $0, MemoryLayout<Value>.size) == DKIM_STAT_OK
        }
    }

    /// Gives a header field to a message handle.
    static func header(_ field: ByteBuffer, to message: OpaquePointer) -> DKIM_STAT {
        field.withUnsafeReadableBytes { octets in
            guard let base = octets.baseAddress, octets.count > 0 else { return DKIM_STAT_SYNTAX }
            // It copies the field and leaves these octets alone, though its prototype does not say so.
            return dkim_header(
                message, UnsafeMutablePointer(mutating: base.assumingMemoryBound(to: UInt8.self)), octets.count)
        }
    }

    /// Gives the body to a message handle, in chunks, and ends it with a CRLF where it has none (RFC 6376 §3.4.3).
    ///
    /// - Returns: `nil` where a CR or LF stands alone in the body: libopendkim loses some of them, so that one more or
    ///   less would break no signature.
    /// - Throws: ``StorageError`` where the content can't be read.
    static func body(_ content: any ContentSource, to message: OpaquePointer) throws -> DKIM_STAT? {
        var status: DKIM_STAT? = DKIM_STAT_OK
        var previous: UInt8 = 0
        func give(_ chunk: ByteBuffer) {
            chunk.withUnsafeReadableBytes { octets in
                guard status == DKIM_STAT_OK, let base = octets.baseAddress, !octets.isEmpty else { return }
                for byte in octets {
                    if (previous == 0x0D) != (byte == 0x0A) {
                        status = nil
                        return
                    }
                    previous = byte
                }
                status = dkim_body(
                    message, UnsafeMutablePointer(mutating: base.assumingMemoryBound(to: UInt8.self)), octets.count)
            }
        }
        try content.forEachChunk(give)
        if previous == 0x0D { return nil }
        if content.length > 0, previous != 0x0A { give(ByteBuffer(bytes: [0x0D, 0x0A])) }
        return status
    }

    /// Overwrites a secret before its memory is given back.
    static func erase(_ octets: UnsafeMutableRawBufferPointer) {
        if let base = octets.baseAddress { explicit_bzero(base, octets.count) }
    }
}
