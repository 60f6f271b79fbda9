// SPDX-License-Identifier: Apache-2.0
import NIOCore
import SluiceCore
import Testing

@testable import SluiceStages

/// A small message that no rule objects to, unless a test says something else.
struct SampleMail: Sendable {
    var from = "Ann Example <ann@example.org>"
    var to: String? = "Bob Example <bob@example.net>"
    var subject: String? = "Minutes of the meeting"
    var text: String? = "Here are the minutes, as agreed on Monday."
    var html: String?
    /// Whole fields that are added.
    var add: [String] = []
    /// Names of fields that are left out.
    var drop: [String] = []
    /// File names of attachments.
    var attached: [String] = []
    var received =
        "from mail.example.org (mail.example.org [192.0.2.1]) by mx.example.net with ESMTPS id 1; "
        + "Tue, 24 Nov 2026 07:00:05 +0000"
    var date = "Tue, 24 Nov 2026 07:00:00 +0000"
    var messageID = "<20261124070000.1@mail.example.org>"
    /// The whole message, where the parts above do not matter.
    var whole: String?

    static let now = Timestamp(seconds: 1_795_503_605)

    var written: String {
        if let whole { return whole }
        var fields = [
            ("Received", received), ("From", from), ("Date", date), ("Message-ID", messageID), ("MIME-Version", "1.0"),
        ]
        if let to { fields.append(("To", to)) }
        if let subject { fields.append(("Subject", subject)) }
        let lines = fields.filter { field in !drop.contains(field.0) }.map { "\($0.0): \($0.1)" } + add
        return (lines + [content]).joined(separator: "\r\n")
    }

    private var content: String {
        let parts = [
            text.map { Self.part("text/plain; charset=utf-8", $0) },
            html.map { Self.part("text/html; charset=utf-8", $0) },
        ]
        .compactMap { $0 }
        var body = parts.count == 1 ? parts[0] : Self.multipart("alternative", parts, boundary: "=a")
        if !attached.isEmpty {
            let files = attached.map {
                Self.part("application/octet-stream\r\nContent-Disposition: attachment; filename=\"\($0)\"", "octets")
            }
            body = Self.multipart("mixed", [body] + files, boundary: "=m")
        }
        return body
    }

    private static func part(_ type: String, _ text: String) -> String {
        "Content-Type: \(type)\r\nContent-Transfer-Encoding: 8bit\r\n\r\n\(text)\r\n"
    }

    private static func multipart(_ kind: String, _ parts: [String], boundary: String) -> String {
        "Content-Type: multipart/\(kind); boundary=\"\(boundary)\"\r\n\r\n"
            + parts.map { "--\(boundary)\r\n\($0)\r\n" }.joined() + "--\(boundary)--\r\n"
    }

    func message() throws -> Message { try Message(MemoryContent(written)) }

    func texts(_ circumstances: MessageCircumstances = MessageCircumstances(now: SampleMail.now)) throws -> MessageText
    {
        try MessageText(message(), circumstances: circumstances)
    }
}

/// A rule with a message that it is about, and one that comes near.
struct RuleCase: Sendable, CustomTestStringConvertible {
    var name: String
    var hit: SampleMail
    var miss: SampleMail

    init(_ name: String, hit: SampleMail, miss: SampleMail) {
        self.name = name
        self.hit = hit
        self.miss = miss
    }

    var testDescription: String { name }
}
