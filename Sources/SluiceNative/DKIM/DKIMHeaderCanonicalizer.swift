// SPDX-License-Identifier: Apache-2.0
import NIOCore
import SluiceCore

/// Canonicalizes header fields (RFC 6376 §3.4.1, §3.4.2).
enum DKIMHeaderCanonicalizer {
    /// Writes the canonical form of a field, without a line end.
    ///
    /// - Parameter omitting: a range of octets behind the colon that is left out: the value of `b=` (§3.7).
    static func write(
        _ field: HeaderField, _ form: DKIMCanonicalization.Form, omitting: Range<Int>? = nil,
        to octets: inout [UInt8]
    ) {
        let value = field.rawValue.readableBytesView
        let omitted = (omitting ?? 0..<0).clamped(to: 0..<value.count)
        let before = value.prefix(omitted.lowerBound)
        let behind = value.dropFirst(omitted.upperBound)
        switch form {
        case .simple:
            octets += field.raw.readableBytesView.prefix { $0 != UInt8(ascii: ":") }
            octets.append(UInt8(ascii: ":"))
            octets += before
            octets += behind
        case .relaxed:
            octets += field.name.asciiLowercased().utf8
            octets.append(UInt8(ascii: ":"))
            if omitted.isEmpty {
                writeRelaxed(Array(value), to: &octets)
            } else {
                writeRelaxed(Array(before) + Array(behind), to: &octets)
            }
        }
    }

    /// Unfolds a value, makes each run of white space one space, and drops that at either end.
    private static func writeRelaxed(_ value: [UInt8], to octets: inout [UInt8]) {
        let start = octets.count
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
            if hasPendingSpace, octets.count > start { octets.append(UInt8(ascii: " ")) }
            hasPendingSpace = false
            octets.append(byte)
        }
    }
}
