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
        var last: UInt8?
        func give(_ chunk: ByteBuffer) {
            chunk.withUnsafeReadableBytes { octets in
                guard status == DKIM_STAT_OK, let base = octets.baseAddress, !octets.isEmpty else { return }
                guard hasWholeLineEnds(octets, after: last) else {
                    status = nil
                    return
                }
                last = octets.last
                status = dkim_body(
                    message, UnsafeMutablePointer(mutating: base.assumingMemoryBound(to: UInt8.self)), octets.count)
            }
        }
        try content.forEachChunk(give)
        if last == 0x0D { return nil }
        if let last, last != 0x0A { give(ByteBuffer(bytes: [0x0D, 0x0A])) }
        return status
    }

    /// Whether each CR is followed by a LF, and each LF comes after a CR; the last octet may be a CR.
    ///
    /// `memchr` and not a loop over the octets: bodies are long.
    private static func hasWholeLineEnds(_ octets: UnsafeRawBufferPointer, after previous: UInt8?) -> Bool {
        func find(_ byte: Int32, _ range: Range<Int>) -> Int? {
            guard let base = octets.baseAddress, !range.isEmpty else { return nil }
            return memchr(base + range.lowerBound, byte, range.count).map { UnsafeRawPointer($0) - base }
        }
        if previous == 0x0D, octets.first != 0x0A { return false }
        var start = 0
        while let lineFeed = find(0x0A, start..<octets.count) {
            guard (lineFeed == 0 ? previous : octets[lineFeed - 1]) == 0x0D else { return false }
            if find(0x0D, start..<max(start, lineFeed - 1)) != nil { return false }
            start = lineFeed + 1
        }
        return find(0x0D, start..<max(start, octets.count - 1)) == nil
    }
}
