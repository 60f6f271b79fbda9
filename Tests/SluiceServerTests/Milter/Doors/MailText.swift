// SPDX-License-Identifier: Apache-2.0
import SluiceCore
import SluiceTesting

/// Writes the content of a generated message.
struct MailText {
    let kind: GeneratedMail.Kind
    let number: Int
    var generator: SeededGenerator

    private static let words = [
        "meeting", "report", "invoice", "tomorrow", "please", "the", "quarter", "numbers", "we", "send", "attached",
        "project", "with", "regards", "lunch", "and", "schedule", "update", "of", "review", "Bob", "weekly",
    ]
    private static let spam = [
        "You have WON the lottery of one million US dollars", "Dear beloved, I am the widow of the late minister",
        "Cheap viagra and cialis without prescription", "Click here now to claim your prize, act now, limited time",
        "100% free money, no risk, guaranteed income from home", "next of kin, inheritance, transfer of funds",
    ]
    private static let gtube = "XJS*C4JDBQADN1.NSBN3*2IDNEN*" + "GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X"

    mutating func content() -> [UInt8] {
        switch kind {
        case .noHeader: return Array("\r\n\(paragraph())".utf8)
        case .noEndOfHeader: return Array(header().utf8)
        case .virus:
            let attached = TestMessage.attaching(
                number.isMultiple(of: 4) ? ZipArchive.of("a.com", TestVirus.octets) : TestVirus.octets)
            return Array(attached.utf8)
        case .eightBit:
            let field = "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=iso-8859-1\r\n"
            let body = [UInt8](0xA0...0xFF).shuffled(using: &generator)
            return Array("\(header(field))\r\n".utf8) + body + Array("\r\n".utf8)
        case .emptyBody: return Array("\(header())\r\n".utf8)
        default: return Array("\(header(fields()))\r\n\(body())".utf8)
        }
    }

    /// The fields that make the kind.
    private mutating func fields() -> String {
        switch kind {
        case .html:
            return "MIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary=b\r\n"
        case .folded:
            return "X-Folded: \(word())\r\n\t\(word())\r\n   \(word())\r\nReferences: <a@x.test>\r\n <b@x.test>\r\n"
                + "X-Empty:\r\nX-Only-Fold:\r\n \(word())\r\nx-lower:no space\r\nX-Tab:\t\(word())\r\n"
        case .long:
            return "X-Long: \(String(repeating: word() + " ", count: Int.random(in: 20...90, using: &generator)))\r\n"
                + "X-Longer: \(String(repeating: "y", count: Int.random(in: 500...900, using: &generator)))\r\n"
        case .duplicate:
            return "X-Twice: \(word())\r\nSubject: second \(word())\r\nX-Twice: \(word())\r\nTo: c@example.org\r\n"
        case .utf8Header: return "X-Name: Grüße, \(word()), Привет\r\nComments: =?utf-8?Q?Gr=C3=BC=C3=9Fe?=\r\n"
        case .forgedTrace:
            return "X-Spam-Flag: NO\r\nX-Spam-Score: -5\r\nx-spam-status: No\r\nX-Spam-Flag: \(word())\r\n"
                + "Authentication-Results: mx.example.org; spf=pass\r\n"
                + "Authentication-Results: other.test; dkim=pass\r\n"
                + "Authentication-Results: (c) \"mx.example.org\";\r\n\tdkim=pass\r\nX-Sluice-Stages: all=ran\r\n"
        case .spam: return "Reply-To: \"Prize\" <claim\(number)@mailbox.test>\r\nX-Priority: 1\r\n"
        case .whiteSpace: return "X-Trailing: \(word())  \r\nX-Spaces:    \(word())\r\nX-Blank: \r\n"
        case .strangeNames: return "X_Under-\(number): a\r\nX!#$%&'*+: b\r\nX.dotted: c\r\n"
        default: return ""
        }
    }

    private mutating func header(_ further: String = "") -> String {
        let from = kind == .loggedIn ? "bob@example.org" : kind == .spoofed ? "board@bank.test" : "anna@partner.test"
        let subject =
            kind == .spam ? Self.spam[Int.random(in: 0..<Self.spam.count, using: &generator)] : "\(word()) \(word())"
        return "From: Anna <\(from)>\r\nTo: Bob <bob@example.org>\r\nDate: Tue, 24 Nov 2026 09:00:00 +0000\r\n"
            + "Message-ID: <both-\(number)@partner.test>\r\nSubject: \(subject)\r\n\(further)"
    }

    private mutating func body() -> String {
        switch kind {
        case .gtube: return Self.gtube + "\r\n"
        case .spam:
            return (0..<Int.random(in: 1...5, using: &generator)).map { _ in
                Self.spam[Int.random(in: 0..<Self.spam.count, using: &generator)] + "!!!\r\n"
            }.joined()
        case .html:
            return "--b\r\nContent-Type: text/plain\r\n\r\n\(paragraph())--b\r\nContent-Type: text/html\r\n\r\n"
                + "<p><a href=\"http://\(word()).test/\">\(word())</a></p>\r\n--b--\r\n"
        case .whiteSpace: return "trailing   \r\n\t\r\n\r\n\r\n  leading\t\r\n.\r\n..two\r\n\r\n\r\n"
        default: return paragraph()
        }
    }

    private mutating func word() -> String { Self.words[Int.random(in: 0..<Self.words.count, using: &generator)] }

    private mutating func paragraph() -> String {
        (0..<Int.random(in: 1...30, using: &generator)).map { _ in
            (0..<Int.random(in: 1...12, using: &generator)).map { _ in word() }.joined(separator: " ") + "\r\n"
        }.joined()
    }
}
