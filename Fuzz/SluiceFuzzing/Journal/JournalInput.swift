// SPDX-License-Identifier: Apache-2.0
import NIOCore

/// What a journal holds, as octets: frame after frame, each a kind, flags, the lengths of record and content in two
/// octets each, the record and the content. The checksums are made to fit.
struct JournalInput {
    private enum Flag {
        static let beginsBatch: UInt8 = 1
        static let beginsSegment: UInt8 = 2
        /// An octet of the frame is spoilt.
        static let isDamaged: UInt8 = 4
        /// The segment is cut off within the frame.
        static let isTorn: UInt8 = 8
    }

    private(set) var segments: [ByteBuffer] = []

    init(_ octets: ArraySlice<UInt8>) {
        var buffer = ByteBuffer(bytes: octets)
        var segment = JournalSegment(number: 1)
        var spoilt: [Int] = []
        var length: Int?
        func ended() -> ByteBuffer {
            var octets = segment.octets
            for place in spoilt { octets.setInteger(UInt8(0xA5), at: place) }
            return octets.getSlice(at: 0, length: length ?? octets.readableBytes) ?? octets
        }
        while let kind = buffer.readInteger(as: UInt8.self), let flags = buffer.readInteger(as: UInt8.self),
            let recordLength = buffer.readInteger(as: UInt16.self),
            let contentLength = buffer.readInteger(as: UInt16.self)
        {
            if flags & Flag.beginsSegment != 0, segments.count < 8 {
                segments.append(ended())
                segment = JournalSegment(number: UInt64(segments.count + 1))
                spoilt = []
                length = nil
            }
            let record = buffer.readBytes(length: min(Int(recordLength), buffer.readableBytes)) ?? []
            let content = buffer.readBytes(length: min(Int(contentLength), buffer.readableBytes)) ?? []
            let start = segment.octets.readableBytes
            segment.add(
                JournalSegment.Frame(
                    kind: kind, record: record, content: content, beginsBatch: flags & Flag.beginsBatch != 0))
            if flags & Flag.isDamaged != 0 { spoilt.append(start + 9) }
            if flags & Flag.isTorn != 0 { length = (start + segment.octets.readableBytes) / 2 }
        }
        segments.append(ended())
    }

    /// Segments as octets that read as these.
    static func written(_ segments: [[JournalSegment.Frame]]) -> [UInt8] {
        var buffer = ByteBuffer()
        for (number, frames) in segments.enumerated() {
            for (place, frame) in frames.enumerated() {
                buffer.writeInteger(frame.kind)
                buffer.writeInteger(
                    (frame.beginsBatch ? Flag.beginsBatch : 0) | (number > 0 && place == 0 ? Flag.beginsSegment : 0))
                buffer.writeInteger(UInt16(clamping: frame.record.count))
                buffer.writeInteger(UInt16(clamping: frame.content.count))
                buffer.writeBytes(frame.record.prefix(Int(UInt16.max)))
                buffer.writeBytes(frame.content.prefix(Int(UInt16.max)))
            }
        }
        return Array(buffer.readableBytesView)
    }
}
