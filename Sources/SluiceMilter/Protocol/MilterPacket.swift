// SPDX-License-Identifier: Apache-2.0
package import NIOCore

/// One packet of the milter protocol, in either direction: a code and what follows it.
///
/// On the wire the length of both stands before them as four octets, big-endian.
package struct MilterPacket: Hashable, Sendable {
    /// The longest piece of a body that is put into one packet, in octets (MILTER_CHUNK_SIZE). Sendmail closes the
    /// connection when any packet of a filter's is longer.
    package static let chunkSize = 65_535

    package var code: UInt8
    package var payload: ByteBuffer

    package init(code: UInt8, payload: ByteBuffer = ByteBuffer()) {
        self.code = code
        self.payload = payload
    }
}
