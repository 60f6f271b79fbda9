// SPDX-License-Identifier: Apache-2.0
package import NIOCore

/// A message: header section and body as one object (RFC 5322 §2), over content that never changes.
///
/// Edits make a new value that shares the content: ``applying(_:)``.
package struct Message: Sendable {
    package private(set) var header: HeaderSection
    package private(set) var body: any ContentSource
    /// What is wrong with the header section as received.
    package let defects: [HeaderSection.Defect]

    /// The longest header section that is read; reception refuses longer ones before (`limits.header`).
    package static let headerReadLimit = 1 << 20

    /// Most header sections end within so many octets; of longer ones as much is read as may be.
    private static let usualHeaderLength = 16 << 10

    /// Reads the header section of the content.
    ///
    /// - Throws: ``StorageError`` where the content can't be read.
    package init(_ content: any ContentSource) throws {
        var start = try content.read(at: 0, count: Self.usualHeaderLength)
        var reading = HeaderSection.read(start)
        // Only one that an empty line ends is the same however much follows.
        let isWhole = !reading.defects.contains { if case .notAField = $0 { true } else { $0 == .noBody } }
        if !isWhole, start.readableBytes < content.length {
            start = try content.read(at: 0, count: Self.headerReadLimit)
            reading = HeaderSection.read(start)
        }
        header = reading.header
        var defects = reading.defects
        if defects.contains(.noBody), start.readableBytes < content.length {
            defects.append(.tooLong(limit: Self.headerReadLimit))
        }
        self.defects = defects
        body = ContentSlice(content, from: reading.bodyOffset)
    }

    package init(header: HeaderSection, body: any ContentSource) {
        self.header = header
        self.body = body
        self.defects = []
    }

    /// The header section as octets, with the empty line that ends it: but for a message which came without one, and
    /// without a body (RFC 5322 §3.5 lets both be missing). It leaves as it came.
    package var headerOctets: ByteBuffer {
        var buffer = ByteBuffer()
        for field in header.fields {
            buffer.writeImmutableBuffer(field.raw)
            if !Self.isEnded(field) { buffer.writeString("\r\n") }
        }
        if endsHeader { buffer.writeString("\r\n") }
        return buffer
    }

    /// The length of the message as it would be transmitted, in octets, without dot-stuffing.
    package var length: Int {
        header.fields.reduce(body.length + (endsHeader ? 2 : 0)) { length, field in
            length + field.raw.readableBytes + (Self.isEnded(field) ? 0 : 2)
        }
    }

    private static func isEnded(_ field: HeaderField) -> Bool { field.raw.readableBytesView.last == 0x0A }
    private var endsHeader: Bool { body.length > 0 || !defects.contains(.noBody) }

    /// The message with these edits applied, in their order. Envelope edits do not concern the message itself.
    package func applying(_ edits: [MessageEdit]) -> Message {
        var edited = self
        var editor = HeaderEditor(header.fields)
        for edit in edits {
            if case .replaceBody(let octets) = edit {
                edited.body = MemoryContent(ByteBuffer(bytes: octets))
            } else {
                editor.make(edit)
            }
        }
        edited.header.fields = editor.fields
        return edited
    }
}
