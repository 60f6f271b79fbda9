// SPDX-License-Identifier: Apache-2.0
import NIOCore
import SluiceCore

/// Canonicalizes header fields (RFC 6376 §3.4.1, §3.4.2).
enum DKIMHeaderCanonicalizer {
    /// The canonical form of a field, without a line end.
    ///
    /// - Parameter omitting: a range of octets behind the colon that is left out: the value of `b=` (§3.7).
    static func canonical(
        _ field: HeaderField, _ form: DKIMCanonicalization.Form, omitting: Range<Int>? = nil
    ) -> ByteBuffer {
        var value = Array(field.rawValue.readableBytesView)
        if let omitting { value.removeSubrange(omitting.clamped(to: value.indices)) }
        var octets = ByteBuffer()
        switch form {
        case .simple:
            let raw = field.raw.readableBytesView
            octets.writeBytes(raw.prefix { $0 != UInt8(ascii: ":") })
            octets.writeString(":")
            octets.writeBytes(value)
        case .relaxed:
            octets.writeString(field.name.asciiLowercased())
            octets.writeString(":")
            writeRelaxed(value, to: &octets)
        }
        return octets
    }

    /// Unfolds a value, makes each run of white space one space, and drops that at either end.
    private static func writeRelaxed(_ value: [UInt8], to octets: inout ByteBuffer) {
        let start = octets.writerIndex
        var hasPendingSpace = false
        var index = 0
        while index < value.count {
            let byte = value[index]
            if byte == 0x0D, index + 1 < value.count, value[index + 1] == 0x0A {
                // Behind it stands white space, or nothing: a field goes on in no other way.
                index += 2
                continue
            }
            index += 1
            if byte.isWhiteSpace {
                hasPendingSpace = true
                continue
            }
            if hasPendingSpace, octets.writerIndex > start { octets.writeInteger(UInt8(ascii: " ")) }
            hasPendingSpace = false
            octets.writeInteger(byte)
        }
    }
}
