// SPDX-License-Identifier: Apache-2.0
import Foundation

/// Writes messages for tests.
package enum TestMessage {
    /// A message with one line of text.
    package static let plain = "From: a@example.org\r\nSubject: plain\r\n\r\nHello.\r\n"

    /// A message with an attachment in base64.
    package static func attaching(_ content: [UInt8], name: String = "a.bin") -> String {
        """
        From: a@example.org\r
        Subject: attachment\r
        MIME-Version: 1.0\r
        Content-Type: multipart/mixed; boundary=b\r
        \r
        --b\r
        Content-Type: text/plain\r
        \r
        See the attachment.\r
        --b\r
        Content-Type: application/octet-stream\r
        Content-Transfer-Encoding: base64\r
        Content-Disposition: attachment; filename="\(name)"\r
        \r
        \(Data(content).base64EncodedString(options: [.lineLength76Characters, .endLineWithCarriageReturn, .endLineWithLineFeed]))\r
        --b--\r

        """
    }
}
