// SPDX-License-Identifier: Apache-2.0
import Foundation
import NIOCore
import SluiceCore

/// Reads what a command is given: a message, an mbox, a Maildir folder, or standard input (`-`).
enum InputFile {
    /// The largest file that is read.
    static let sizeLimit = 1 << 30

    /// The octets of a file, or of standard input for `-`.
    ///
    /// - Throws: ``CommandFailure`` (66 where it is not there, 65 where it is too large or no file).
    static func octets(_ path: String) throws -> ByteBuffer {
        if path == "-" {
            let input = FileHandle.standardInput
            var buffer = ByteBuffer()
            while let data = try input.read(upToCount: 1 << 20), !data.isEmpty {
                guard buffer.readableBytes + data.count <= sizeLimit else {
                    throw CommandFailure(.badInput, "-: more than \(sizeLimit) octets")
                }
                buffer.writeBytes(data)
            }
            return buffer
        }
        var isDirectory: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else {
            throw CommandFailure(.noSuchFile, "\(path): no such file")
        }
        guard !isDirectory.boolValue else {
            throw CommandFailure(.badInput, "\(path): a folder, a file would be right")
        }
        do {
            return ByteBuffer(bytes: try Data(contentsOf: URL(fileURLWithPath: path)))
        } catch {
            throw CommandFailure(.noSuchFile, "\(path): can't be read: \(error.localizedDescription)")
        }
    }

    static func text(_ path: String) throws -> String { String(latin1OrUTF8: try octets(path).readableBytesView) }

    /// The message in a file, its line ends made CRLF, as it would come by SMTP.
    static func message(_ path: String) throws -> ByteBuffer { withNetworkLineEnds(try octets(path)) }

    /// All messages of a file, an mbox or a Maildir folder, each with the name to show for it.
    static func messages(_ path: String) throws -> [(name: String, content: ByteBuffer)] {
        var isDirectory: ObjCBool = false
        if path != "-", FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory), isDirectory.boolValue {
            return try maildir(path)
        }
        let octets = try octets(path)
        let parts = mboxParts(octets)
        if parts.count > 1 {
            return parts.enumerated().map { ("\(path)#\($0.offset + 1)", withNetworkLineEnds($0.element)) }
        }
        return [(path, withNetworkLineEnds(parts.first ?? octets))]
    }

    private static func maildir(_ path: String) throws -> [(name: String, content: ByteBuffer)] {
        let files = FileManager.default
        let folders = ["cur", "new"].map { "\(path)/\($0)" }.filter { files.fileExists(atPath: $0) }
        return try (folders.isEmpty ? [path] : folders).flatMap { folder in
            try files.contentsOfDirectory(atPath: folder).filter { !$0.hasPrefix(".") }.sorted().compactMap { name in
                var isDirectory: ObjCBool = false
                let file = "\(folder)/\(name)"
                guard files.fileExists(atPath: file, isDirectory: &isDirectory), !isDirectory.boolValue else {
                    return nil
                }
                return (file, try message(file))
            }
        }
    }

    /// The messages of an mbox (RFC 4155): each begins with a `From ` line after an empty line, or at the top.
    private static func mboxParts(_ octets: ByteBuffer) -> [ByteBuffer] {
        let view = octets.readableBytesView
        let separator = Array("From ".utf8)
        guard view.starts(with: separator) else { return [octets] }
        var starts: [Int] = []
        var lineStart = view.startIndex
        var previousIsEmpty = true
        while lineStart < view.endIndex {
            let lineEnd = view[lineStart...].firstIndex(of: 0x0A).map { $0 + 1 } ?? view.endIndex
            if previousIsEmpty, view[lineStart..<lineEnd].starts(with: separator) { starts.append(lineStart) }
            previousIsEmpty = lineEnd - lineStart == 1 || (lineEnd - lineStart == 2 && view[lineStart] == 0x0D)
            lineStart = lineEnd
        }
        return starts.enumerated().compactMap { index, start in
            let end = index + 1 < starts.count ? starts[index + 1] : view.endIndex
            let body = view[start..<end].firstIndex(of: 0x0A).map { $0 + 1 } ?? end
            return octets.getSlice(at: body, length: end - body)
        }
    }

    /// Bare LF made CRLF; content that has CRLF throughout is returned as it is.
    static func withNetworkLineEnds(_ octets: ByteBuffer) -> ByteBuffer {
        let view = octets.readableBytesView
        var needed = false
        var rest = view.startIndex
        while !needed, let end = view[rest...].firstIndex(of: 0x0A) {
            needed = end == view.startIndex || view[end - 1] != 0x0D
            rest = end + 1
        }
        guard needed else { return octets }
        var converted = ByteBuffer()
        converted.reserveCapacity(view.count + view.count / 32)
        var start = view.startIndex
        while start < view.endIndex {
            guard let end = view[start...].firstIndex(of: 0x0A) else {
                converted.writeBytes(view[start...])
                break
            }
            let hasReturn = end > start && view[end - 1] == 0x0D
            converted.writeBytes(view[start..<(hasReturn ? end - 1 : end)])
            converted.writeBytes([0x0D, 0x0A])
            start = end + 1
        }
        return converted
    }
}
