// SPDX-License-Identifier: Apache-2.0

/// A message with its envelope and its client, as an MTA receives it over SMTP.
package struct MTAMessage: Sendable {
    /// A path with what was said behind it.
    package struct Path: Sendable, Equatable, CustomStringConvertible {
        /// Without the angle brackets; empty for the null reverse-path.
        package var address: String
        package var parameters: [String] = []

        package init(_ address: String, parameters: [String] = []) {
            self.address = address
            self.parameters = parameters
        }

        package var description: String { (["<\(address)>"] + parameters).joined(separator: " ") }
    }

    package var client = MTAClient()
    package var helo = "client.test"
    package var sender: Path
    package var recipients: [Path]
    /// Recipients that the MTA itself refuses; told only where SMFIP_RCPT_REJ was agreed on.
    package var refusedByMTA: [Path] = []
    package var content: [UInt8]
    package var queueID = "4gTESTQUEUEID"
    /// Further macros, and others than usual; a value of nil takes one away.
    package var macros: [String: String?] = [:]
    /// The most octets of a packet with a piece of the body.
    package var chunkSize = 65_535

    package init(
        _ content: String = "Subject: hello\r\n\r\nHello.\r\n", from sender: String = "sender@client.test",
        to recipients: [String] = ["anna@example.org"]
    ) {
        self.init(Array(content.utf8), from: sender, to: recipients)
    }

    package init(_ content: [UInt8], from sender: String, to recipients: [String]) {
        self.content = content
        self.sender = Path(sender)
        self.recipients = recipients.map { Path($0) }
    }

    /// The values of all macros that the MTA has for the message.
    func values(for recipient: Path?) -> [String: String] {
        var values: [String: String?] = [
            "j": "mta.test", "v": "Test 1", "{daemon_name}": "mta.test", "{daemon_addr}": "127.0.0.1",
            "_": "\(client.name) [\(client.address)]", "{client_addr}": client.address, "{client_name}": client.name,
            "{client_ptr}": client.name, "{client_port}": "\(client.port)", "i": queueID,
            "{mail_addr}": sender.address, "{mail_mailer}": "smtp", "{mail_host}": "",
        ]
        if let login = client.login {
            values["{auth_authen}"] = login
            values["{auth_type}"] = "PLAIN"
        }
        if let tls = client.tlsVersion {
            values["{tls_version}"] = tls
            values["{cipher}"] = "TLS_AES_256_GCM_SHA384"
            values["{cipher_bits}"] = "256"
        }
        if let recipient {
            values["{rcpt_addr}"] = recipient.address
            values["{rcpt_host}"] = recipient.address.split(separator: "@").last.map(String.init)
            values["{rcpt_mailer}"] = "smtp"
        }
        for (name, value) in macros { values[name] = value }
        return values.compactMapValues { $0 }
    }
}
