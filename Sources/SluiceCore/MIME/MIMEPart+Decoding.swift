// SPDX-License-Identifier: Apache-2.0
package import NIOCore

extension MIMEPart {
    /// Decodes the body chunk by chunk, so that memory is bounded whatever its size.
    ///
    /// - Parameter body: is called with chunks of some 64 KiB, none of them empty.
    /// - Returns: what is wrong with the encoding.
    /// - Throws: ``StorageError`` where the content can't be read, or what `body` throws.
    @discardableResult
    package func forEachDecodedChunk(_ body: (ByteBuffer) throws -> Void) throws -> [MIMEDefect.Kind] {
        try decode { octets in
            try body(octets)
            return true
        }
    }

    /// The body without its transfer encoding: at most `limit` octets of it.
    ///
    /// - Throws: ``StorageError`` where the content can't be read.
    package func decodedBody(limit: Int) throws -> DecodedBody {
        var decoded = DecodedBody(octets: ByteBuffer(), isWhole: true, defects: [])
        decoded.defects = try decode { octets in
            let room = limit - decoded.octets.readableBytes
            if octets.readableBytes <= room {
                decoded.octets.writeImmutableBuffer(octets)
                return true
            }
            decoded.octets.writeBytes(octets.readableBytesView.prefix(max(0, room)))
            decoded.isWhole = false
            return false
        }
        if !decoded.isWhole { decoded.defects.append(.decodeLimit(limit)) }
        return decoded
    }

    /// The body as text: decoded, and converted from its character set. At most `limit` octets are decoded.
    ///
    /// Without a character set, or with one that is not known, the octets are read as UTF-8 where they are that, else
    /// each octet stands as the character of its value.
    ///
    /// - Throws: ``StorageError`` where the content can't be read.
    package func decodedText(
        limit: Int, charsets: any CharsetConverter = BasicCharsets()
    ) throws -> (text: String, defects: [MIMEDefect.Kind]) {
        let decoded = try decodedBody(limit: limit)
        return text(of: Array(decoded.octets.readableBytesView), decoded, charsets)
    }

    /// The body as text in UTF-8, as ``decodedText(limit:charsets:)`` has it.
    ///
    /// - Throws: ``StorageError`` where the content can't be read.
    package func decodedUTF8(
        limit: Int, charsets: any CharsetConverter = BasicCharsets()
    ) throws -> (octets: [UInt8], defects: [MIMEDefect.Kind]) {
        let decoded = try decodedBody(limit: limit)
        let octets = decoded.octets.getBytes(at: decoded.octets.readerIndex, length: decoded.octets.readableBytes) ?? []
        var all: UInt8 = 0
        for octet in octets { all |= octet }
        // ASCII is the same in all of these, and most text is that.
        if all < 0x80, ["utf-8", "us-ascii", "iso-8859-1", nil].contains(charset) { return (octets, decoded.defects) }
        let (text, defects) = text(of: octets, decoded, charsets)
        return (Array(text.utf8), defects)
    }

    private func text(
        of octets: [UInt8], _ decoded: DecodedBody, _ charsets: any CharsetConverter
    ) -> (text: String, defects: [MIMEDefect.Kind]) {
        guard let charset else { return (String(latin1OrUTF8: octets), decoded.defects) }
        guard let text = charsets.text(of: octets, in: charset) else {
            return (String(latin1OrUTF8: octets), decoded.defects + [.unknownCharset(charset)])
        }
        return (text, decoded.defects)
    }

    /// Calls `body` with decoded octets until it says `false`.
    private func decode(_ body: (ByteBuffer) throws -> Bool) throws -> [MIMEDefect.Kind] {
        var decoder = TransferDecoder(transferEncoding)
        var offset = 0
        while offset < self.body.length {
            let chunk = try self.body.read(at: offset, count: 65536)
            guard chunk.readableBytes > 0 else { break }
            offset += chunk.readableBytes
            let decoded = decoder.decode(chunk)
            if decoded.readableBytes > 0, try !body(decoded) { return decoder.defects }
        }
        let rest = decoder.finish()
        if rest.readableBytes > 0 { _ = try body(rest) }
        return decoder.defects
    }
}

/// A body without its transfer encoding.
package struct DecodedBody: Sendable {
    package var octets: ByteBuffer
    /// Whether this is all of it; `false` where the limit cut it off.
    package var isWhole: Bool
    package var defects: [MIMEDefect.Kind]
}

/// Takes a transfer encoding off, chunk by chunk.
package struct TransferDecoder: Sendable {
    private enum Mode {
        case identity
        case base64(Base64Decoder)
        case quotedPrintable(QuotedPrintableDecoder)
    }

    private var mode: Mode

    package init(_ encoding: TransferEncoding) {
        mode =
            switch encoding {
            case .sevenBit, .eightBit, .binary, .unknown: .identity
            case .base64: .base64(Base64Decoder())
            case .quotedPrintable: .quotedPrintable(QuotedPrintableDecoder())
            }
    }

    /// Decodes a chunk; what depends on the next one is kept back.
    package mutating func decode(_ chunk: ByteBuffer) -> ByteBuffer {
        var output: [UInt8] = []
        switch mode {
        case .identity: return chunk
        case .base64(var decoder):
            output.reserveCapacity(chunk.readableBytes * 3 / 4 + 3)
            let octets = chunk.readableBytesUInt8Span
            for index in octets.indices { decoder.consume(octets[index], into: &output) }
            mode = .base64(decoder)
        case .quotedPrintable(var decoder):
            output.reserveCapacity(chunk.readableBytes)
            let octets = chunk.readableBytesUInt8Span
            for index in octets.indices { decoder.consume(octets[index], into: &output) }
            mode = .quotedPrintable(decoder)
        }
        return ByteBuffer(bytes: output)
    }

    /// Ends the data and returns what was kept back.
    package mutating func finish() -> ByteBuffer {
        var output: [UInt8] = []
        switch mode {
        case .identity: break
        case .base64(var decoder):
            decoder.finish(into: &output)
            mode = .base64(decoder)
        case .quotedPrintable(var decoder):
            decoder.finish(into: &output)
            mode = .quotedPrintable(decoder)
        }
        return ByteBuffer(bytes: output)
    }

    /// What was wrong so far.
    package var defects: [MIMEDefect.Kind] {
        switch mode {
        case .identity: []
        case .base64(let decoder):
            (decoder.hasForeignOctets ? [.badBase64] : []) + (decoder.goesOnAfterPadding ? [.base64AfterPadding] : [])
                + (decoder.isTruncated ? [.truncatedBase64] : [])
        case .quotedPrintable(let decoder): decoder.isFaulty ? [.badQuotedPrintable] : []
        }
    }
}
