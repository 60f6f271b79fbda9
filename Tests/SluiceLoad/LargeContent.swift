// SPDX-License-Identifier: Apache-2.0
import SluiceTesting

/// Messages of about a size, of the kinds that a chain reads in different ways.
enum LargeContent: Sendable {
    case text(Int)
    /// One attachment in base64, of octets that compress badly.
    case attachment(Int)
    case html(Int)
    /// A thousand small texts.
    case textParts(Int)

    var name: String {
        switch self {
        case .text: "text"
        case .attachment: "attachment"
        case .html: "html"
        case .textParts: "text-parts"
        }
    }

    func message(id: String) -> String {
        let header =
            "From: <sender@client.test>\r\nTo: <recipient@example.org>\r\nSubject: a large one\r\nMessage-ID: <\(id)@client.test>\r\nDate: Tue, 24 Nov 2026 07:00:00 +0000\r\nMIME-Version: 1.0\r\n\(LoadClient.idField): \(id)\r\n"
        let line = "A line of a large message, of some seventy octets, as they come every day.\r\n"
        switch self {
        case .text(let size):
            return header + "Content-Type: text/plain; charset=utf-8\r\n\r\n"
                + String(repeating: line, count: max(1, size / line.utf8.count))
        case .html(let size):
            let line = "<p>A line of <b>a large page</b> with <a href=\"http://client.test/\">a link</a>.</p>\r\n"
            return header + "Content-Type: text/html; charset=utf-8\r\n\r\n<html><body>\r\n"
                + String(repeating: line, count: max(1, size / line.utf8.count)) + "</body></html>\r\n"
        case .attachment(let size):
            var random = SeededGenerator(seed: 7)
            let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
            // A block of other octets again and again: as base64 decodes it, it is what an attachment is.
            let block = (0..<256).map { _ in
                String(decoding: (0..<76).map { _ in digits[Int(random.next() % 64)] }, as: UTF8.self) + "\r\n"
            }.joined()
            return header + "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\n\(line)--b\r\n"
                + "Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n"
                + "Content-Disposition: attachment; filename=a.bin\r\n\r\n"
                + String(repeating: block, count: max(1, size / block.utf8.count)) + "--b--\r\n"
        case .textParts(let size):
            let count = 1000
            let part =
                "--b\r\nContent-Type: text/plain\r\n\r\n"
                + String(repeating: line, count: max(1, size / count / line.utf8.count))
            return header + "Content-Type: multipart/mixed; boundary=b\r\n\r\n"
                + String(repeating: part, count: count) + "--b--\r\n"
        }
    }
}
