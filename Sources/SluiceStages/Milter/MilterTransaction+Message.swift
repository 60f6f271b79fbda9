// SPDX-License-Identifier: Apache-2.0
import NIOCore
import SluiceCore
import SluiceFilter
import SluiceMilter

extension MilterTransaction {
    /// What a filter behind an MTA would be told of the message.
    ///
    /// - Throws: ``MilterStageError/nulInField(_:)``.
    init(_ message: Message, _ context: StageContext, daemonName: String) throws(MilterStageError) {
        let envelope = context.envelope
        var reversePath = [ByteBuffer(string: "<\(envelope.reversePath.written)>")]
        if envelope.is8BitMIME { reversePath.append(ByteBuffer(string: "BODY=8BITMIME")) }
        if envelope.isInternationalized { reversePath.append(ByteBuffer(string: "SMTPUTF8")) }
        reversePath += (envelope.dsn?.written ?? []).map { ByteBuffer(string: $0) }
        self.init(
            client: Client(context, daemonName: daemonName), reversePath: reversePath,
            recipients: envelope.recipients.map { Recipient($0, envelope.dsn?[$0].written ?? []) },
            macros: Self.macros(message, context),
            header: try Self.fields(message.header), body: message.body)
    }

    private static func macros(_ message: Message, _ context: StageContext) -> MilterMacros {
        var macros = MilterMacros(["i": context.id])
        if let login = context.client.login {
            macros.set("auth_authen", to: login)
            if let mechanism = context.client.mechanism { macros.set("auth_type", to: mechanism) }
        }
        macros.set("mail_addr", to: context.envelope.reversePath.written)
        if let mailbox = context.envelope.reversePath.mailbox { macros.set("mail_host", to: mailbox.domain) }
        if let id = message.header.first("Message-ID")?.value { macros.set("msg_id", to: id) }
        return macros
    }

    private static func fields(_ header: HeaderSection) throws(MilterStageError) -> [Field] {
        var fields: [Field] = []
        fields.reserveCapacity(header.fields.count)
        for field in header.fields {
            let value = field.rawValue
            guard !value.readableBytesView.contains(0) else { throw .nulInField(field.name) }
            fields.append(Field(name: ByteBuffer(string: field.name), value: value.withLineFeeds))
        }
        return fields
    }
}

extension MilterTransaction.Client {
    fileprivate init(_ context: StageContext, daemonName: String) {
        let client = context.client
        var macros = MilterMacros(["j": context.hostname, "v": "Sluice", "daemon_name": daemonName])
        if let tls = client.tls?.split(separator: " ", maxSplits: 1) {
            if let version = tls.first { macros.set("tls_version", to: String(version)) }
            if tls.count > 1 { macros.set("cipher", to: String(tls[1])) }
        }
        guard context.hasClientAddress else {
            self.init(
                hostname: ByteBuffer(string: "unknown"), address: .unknown,
                helo: client.helo.map { ByteBuffer(string: $0) }, macros: macros)
            return
        }
        let name = client.name ?? client.address.literal
        macros.set("client_addr", to: "\(client.address)")
        macros.set("client_name", to: client.name ?? "unknown")
        macros.set("client_ptr", to: client.name ?? "unknown")
        macros.set("_", to: client.name.map { "\($0) [\(client.address)]" } ?? "[\(client.address)]")
        self.init(
            hostname: ByteBuffer(string: name), address: .address(client.address, port: 0),
            helo: client.helo.map { ByteBuffer(string: $0) }, macros: macros)
    }
}

extension MilterTransaction.Recipient {
    fileprivate init(_ mailbox: Mailbox, _ parameters: [String]) {
        self.init(
            arguments: (["<\(mailbox)>"] + parameters).map { ByteBuffer(string: $0) },
            macros: MilterMacros(["rcpt_addr": mailbox.written, "rcpt_host": mailbox.domain]))
    }
}

extension ByteBuffer {
    /// With LF for CRLF, as both Sendmail and Postfix tell folded values.
    fileprivate var withLineFeeds: ByteBuffer {
        let view = readableBytesView
        guard view.contains(0x0D) else { return self }
        var buffer = ByteBuffer()
        buffer.reserveCapacity(view.count)
        for (index, octet) in zip(view.indices, view) {
            if octet == 0x0D, index + 1 < view.endIndex, view[index + 1] == 0x0A { continue }
            buffer.writeInteger(octet)
        }
        return buffer
    }
}
