// SPDX-License-Identifier: Apache-2.0
import NIOCore
import SluiceCore

/// The parts of a message as a zip archive for libclamav, each with its file name and without its transfer encoding;
/// the start of the message stands among them as it came.
package struct PartArchive: Sendable {
    /// Why a message can't be taken apart so that all of it is looked at.
    package struct Unreadable: Error, Hashable, Sendable, CustomStringConvertible {
        /// The limit, in words.
        package let description: String
    }

    /// How much of the header section, and how much of the body, is looked at as the start of a mail.
    private static let startLimit = 128 << 10
    /// Encodings that libclamav takes off and our reader does not.
    private static let foreignEncodings = ["uue", "yenc", "binhex"]

    private let leaves: [MIMEPart]
    private let start: [any ContentSource]
    private let startOctets: Int

    /// - Throws: ``Unreadable`` where the reader met a limit, or parts are in an encoding that it does not know.
    init(_ message: Message, start: [any ContentSource], mailLines: Int, nesting: Int) throws {
        let structure = try MIMEReader(limits: MIMEReader.Limits(nesting: nesting), charsets: IconvCharsets())
            .read(message)
        guard structure.isComplete else {
            let limits = structure.defects.filter(\.isLimit)
            throw Unreadable(description: limits.map(\.description).joined(separator: "; "))
        }
        leaves = structure.parts.filter(\.children.isEmpty)
        self.start = start
        // A field has four octets at least and a line two, so that it has not too many lines for a mail.
        startOctets = min(Self.startLimit, mailLines)
        for leaf in leaves {
            let encoding = leaf.transferEncoding.name
            if Self.foreignEncodings.contains(where: { encoding.contains($0) }) {
                throw Unreadable(
                    description: "part \(leaf.path) of a long message is in the encoding \(encoding.prefix(40))")
            }
        }
    }

    /// Writes the archive.
    ///
    /// - Throws: ``Unreadable`` where a text holds a uuencoded file, which only a short message may; ``StorageError``.
    func file(prefix: MemoryContent) throws -> MemoryFile {
        let file = try MemoryFile()
        var entries = ZipEntries()
        for leaf in leaves {
            var finder = UUEncodeFinder()
            try file.write(ByteBuffer(bytes: entries.begin(Self.name(of: leaf))))
            try leaf.forEachDecodedChunk { buffer in
                if leaf.transferEncoding.isIdentity { finder.look(at: buffer) }
                try file.write(buffer)
                entries.wrote(buffer.readableBytes)
            }
            let (sizes, place) = entries.end()
            try file.overwrite(sizes, at: place)
            if finder.isFound {
                throw Unreadable(description: "part \(leaf.path) of a long message holds a uuencoded file")
            }
        }
        try file.write(ByteBuffer(bytes: entries.begin("message")))
        for content in [prefix] + start {
            let octets = try content.read(at: 0, count: startOctets)
            try file.write(octets)
            entries.wrote(octets.readableBytes)
        }
        let (sizes, place) = entries.end()
        try file.overwrite(sizes, at: place)
        try file.write(ByteBuffer(bytes: entries.directory()))
        return file
    }

    /// A name that libclamav takes for a file's; its end, which tells the kind, stays.
    private static func name(of part: MIMEPart) -> String {
        guard let name = part.fileName, !name.isEmpty else { return "part-\(part.path.suffix(100))" }
        let scalars = name.unicodeScalars.suffix(100).map { scalar -> Unicode.Scalar in
            scalar == "/" || scalar == "\\" || scalar.value == 0 ? "_" : scalar
        }
        var written = String.UnicodeScalarView()
        written.append(contentsOf: scalars)
        return String(written)
    }
}

extension MIMEDefect {
    /// Whether it ended the reader.
    var isLimit: Bool {
        switch kind {
        case .nestingLimit, .partsLimit, .headersLimit: true
        default: false
        }
    }
}
