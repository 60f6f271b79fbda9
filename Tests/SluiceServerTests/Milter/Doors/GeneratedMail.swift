// SPDX-License-Identifier: Apache-2.0
import Foundation
import SluiceCore
import SluiceNative
import SluiceTesting

/// A message that both doors are asked about, with its envelope.
struct GeneratedMail: Sendable {
    /// What it is made to be.
    var kind: Kind
    var number: Int
    var sender: String
    var recipients: [String]
    var content: [UInt8]

    enum Kind: String, CaseIterable, Sendable {
        case clean, html, spam, gtube, virus, signed, forged, spoofed
        case folded, long, duplicate, eightBit, utf8Header, emptyBody, noHeader, forgedTrace, nullSender
        case severalRecipients, loggedIn, noEndOfHeader, whiteSpace, strangeNames
    }

    /// By a user of ours.
    var hasLogin: Bool { kind == .loggedIn }

    /// So many messages, the same for the same seed but for the signatures' time.
    static func all(_ count: Int, seed: UInt64, signer: DKIMSigner) async throws -> [GeneratedMail] {
        var generator = SeededGenerator(seed: seed)
        var all: [GeneratedMail] = []
        for number in 0..<count {
            let kind = Kind.allCases[number % Kind.allCases.count]
            var mail = GeneratedMail(
                kind: kind, number: number, sender: kind == .nullSender ? "" : "anna@partner.test",
                recipients: ["bob@example.org"], content: [])
            var text = MailText(kind: kind, number: number, generator: generator)
            mail.content = text.content()
            generator = text.generator
            switch kind {
            case .signed, .forged: mail.content = try await signed(mail.content, signer, isForged: kind == .forged)
            case .severalRecipients:
                mail.recipients = (0..<Int.random(in: 2...6, using: &generator)).map { "user\($0)@example.org" }
            case .loggedIn:
                mail.sender = "bob@example.org"
                mail.recipients = ["anna@partner.test"]
            case .spoofed: mail.sender = "board@bank.test"
            default: break
            }
            all.append(mail)
        }
        return all
    }

    private static func signed(_ content: [UInt8], _ signer: DKIMSigner, isForged: Bool) async throws -> [UInt8] {
        let message = try Message(MemoryContent(String(decoding: content, as: UTF8.self)))
        let value = try await signer.sign(message, now: Timestamp(seconds: 1_795_000_000))
        let field = Array("DKIM-Signature: \(value)\r\n".utf8)
        return field + content + (isForged ? Array("One more line.\r\n".utf8) : [])
    }

    /// As the MTA in front tells the milter.
    func message(client: MTAClient, helo: String) -> MTAMessage {
        var message = MTAMessage(content, from: sender, to: recipients)
        message.client = client
        message.helo = helo
        message.queueID = "4gBOTH\(number)"
        if hasLogin {
            message.client.login = "bob"
            message.client.tlsVersion = "TLSv1.3"
        }
        return message
    }
}
