// SPDX-License-Identifier: Apache-2.0
import NIOCore
import SluiceCore
import SluiceNative

/// The messages that are sent.
struct DrillMessage: Sendable {
    /// Signed for the drill's domain.
    let content: [UInt8]
    /// The strings of the TXT record of the key that it is signed with.
    let keyRecord: [String]

    private static let plain = """
        From: sender@drill.example\r
        To: box@drill.example\r
        Subject: A message of sluice drill\r
        Date: Tue, 24 Nov 2026 12:00:00 +0000\r
        Message-ID: <drill@drill.example>\r
        \r
        Whatever breaks under a stage, what is declared for that is what happens.\r

        """

    init() async throws {
        let key = try DKIMKey.generate(.rsaSHA256)
        let signer = try DKIMSigner(
            domain: DrillConfiguration.domain, selector: "drill", key: key, pool: CPUPool(threads: 1))
        let octets = Array(Self.plain.utf8)
        let value = try await signer.sign(
            try Message(MemoryContent(ByteBuffer(bytes: octets))), now: SystemTime().now)
        content = Array("DKIM-Signature: \(value)\r\n".utf8) + octets
        keyRecord = key.recordStrings
    }

    /// More text than any stage is done with within a millisecond.
    ///
    /// - Parameter author: the domain in From, for which the stage may have to sign.
    static func long(author: String) -> [UInt8] {
        let line =
            "Dear friend, the offer of a lifetime: click https://shop.example/now and win, 100 % free, today only.\r\n"
        let header =
            "From: sender@\(author)\r\nTo: box@drill.example\r\nSubject: long\r\nMessage-ID: <long@\(author)>\r\n\r\n"
        return Array(header.utf8) + (0..<40_000).flatMap { _ in line.utf8 }
    }
}
