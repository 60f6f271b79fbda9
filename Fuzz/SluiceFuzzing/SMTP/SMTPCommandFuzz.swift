// SPDX-License-Identifier: Apache-2.0
import NIOCore
import SluiceCore
import SluiceSMTP

/// Command lines as a client sends them. The first octet says how they are cut on their way.
enum SMTPCommandFuzz {
    private static let limit = 64
    private static let authenticationLimit = 128

    static func run(_ octets: [UInt8]) {
        guard let cut = octets.first else { return }
        let sent = octets.dropFirst()
        for isExchange in [false, true] {
            let items = read(Cuts.pieces(of: sent, by: cut), isExchange)
            precondition(items == read(Cuts.pieces(of: sent, by: 0), isExchange), "the cuts change what is read")
            precondition(items == expected(sent, isExchange), "\(items) was read, not \(expected(sent, isExchange))")
        }
        for item in read(Cuts.pieces(of: sent, by: 0), false) {
            switch item {
            case .fault(let fault): check(fault)
            case .line(let line):
                switch CommandParser.parse(line) {
                case .failure(let fault): check(fault)
                case .success(let command): check(command)
                }
            }
        }
    }

    private static func read(_ pieces: [ByteBuffer], _ isExchange: Bool) -> [CommandLineDecoder.Item] {
        var decoder = CommandLineDecoder(limit: limit, authenticationLimit: authenticationLimit)
        var buffer = ByteBuffer()
        var items: [CommandLineDecoder.Item] = []
        for piece in pieces {
            buffer.writeImmutableBuffer(piece)
            while let item = decoder.next(from: &buffer, isExchange: isExchange) { items.append(item) }
        }
        precondition(buffer.readableBytes <= authenticationLimit + 1, "more is kept than a line may have")
        return items
    }

    /// Each line is one item, whatever is in it; of what does not end only a fault can be told.
    private static func expected(_ octets: ArraySlice<UInt8>, _ isExchange: Bool) -> [CommandLineDecoder.Item] {
        let lines = Lines(octets)
        var items: [CommandLineDecoder.Item] = []
        for line in lines.whole {
            let limit = limit(of: line, isExchange)
            if let place = line.firstForbidden {
                items.append(.fault(place < limit ? .lineEnd : .lineTooLong))
            } else {
                items.append(line.count + 2 > limit ? .fault(.lineTooLong) : .line(Array(line)))
            }
        }
        // A CR at the very end may yet become a CRLF.
        let rest = lines.rest.last == 0x0D ? lines.rest.dropLast() : lines.rest
        let limit = limit(of: lines.rest, isExchange)
        if let place = rest.firstForbidden {
            items.append(.fault(place < limit ? .lineEnd : .lineTooLong))
        } else if lines.rest.count > limit {
            items.append(.fault(.lineTooLong))
        }
        return items
    }

    private static func limit(of line: ArraySlice<UInt8>, _ isExchange: Bool) -> Int {
        isExchange || line.prefix(5).equalsIgnoringCase("AUTH ") ? authenticationLimit : limit
    }

    /// Whatever stands in a command, the reply to it is one.
    private static func check(_ fault: CommandFault) {
        var buffer = ByteBuffer()
        ReplyEncoder.write(fault.reply, to: &buffer)
        var decoder = ReplyDecoder()
        decoder.append(buffer)
        guard case .reply(let reply)? = decoder.next() else { preconditionFailure("\(fault.reply) is no reply") }
        precondition(reply.code == fault.reply.code && !decoder.hasUnread, "\(fault.reply) was read as \(reply)")
    }

    private static func check(_ command: SMTPCommand) {
        guard let written = written(command) else { return }
        let again = CommandParser.parse(written)
        precondition(again == .success(command), "\(command) was written and read as \(again)")
    }

    /// The command as a client writes it; `nil` where it has no argument that could be lost.
    private static func written(_ command: SMTPCommand) -> [UInt8]? {
        switch command {
        case .hello(let name, let isExtended): return Array("\(isExtended ? "EHLO" : "HELO") \(name)".utf8)
        case .mail(let mail):
            var parameters = mail.dsn?.written ?? []
            if let size = mail.size { parameters.append("SIZE=\(size)") }
            if mail.is8BitMIME { parameters.append("BODY=8BITMIME") }
            if let mailbox = mail.reversePath.mailbox { checkWritable(mailbox) }
            return line(.mail(mail.reversePath, parameters: parameters))
        case .recipient(let mailbox, let dsn):
            checkWritable(mailbox)
            return line(.rcpt(mailbox, parameters: dsn.written))
        case .authenticate(let mechanism, let initial):
            guard let initial else { return Array("AUTH \(mechanism)".utf8) }
            return Array("AUTH \(mechanism) ".utf8) + (initial.isEmpty ? [UInt8(ascii: "=")] : initial)
        case .data, .reset, .noop, .quit, .help, .verify, .startTLS: return nil
        }
    }

    private static func checkWritable(_ mailbox: Mailbox) {
        precondition(ClientCommand.isWritable(mailbox), "\(mailbox) was accepted and can't be passed on")
    }

    private static func line(_ command: ClientCommand) -> [UInt8] {
        var buffer = ByteBuffer()
        command.write(into: &buffer)
        let lines = Lines(buffer.readableBytesView)
        precondition(lines.whole.count == 1 && lines.rest.isEmpty, "\(command) is not one line")
        precondition(lines.whole[0].firstForbidden == nil, "\(command) holds a line end")
        return Array(lines.whole[0])
    }

    static var seeds: [[UInt8]] {
        let lines = [
            "EHLO client.test", "HELO [192.0.2.1]", "MAIL FROM:<> SIZE=100",
            "mail from: <a.b@example.org> body=8bitmime",
            "MAIL FROM:<\"a b\\\"\"@x.test> RET=HDRS ENVID=a+2Bb", "RCPT TO:<postmaster>",
            "RCPT TO:<@a,@b:c@[IPv6:2001:db8::1]> NOTIFY=FAILURE,DELAY ORCPT=rfc822;c@d.test", "DATA", "RSET", "QUIT",
            "AUTH PLAIN =", "AUTH SCRAM-SHA-256 \(String(repeating: "biws", count: 20))", "STARTTLS", "NOOP x",
            "VRFY a",
            "EXPN list", "MAIL FROM:<a@b> X=1", "RCPT TO:<\u{E4}@b.test>", "\(String(repeating: "x", count: 70))",
        ]
        let whole = lines.joined(separator: "\r\n") + "\r\n"
        let broken = ["QUIT\nRSET\r\n", "NOOP\r\r\nQUIT\r\n", "NO\0OP\r\nRSET\r\n", "AUTH \(lines[11])\rx\r\nQUIT\r"]
        return ([whole] + broken).flatMap { text in [[0], [1], [9]].map { $0 + Array(text.utf8) } }
            + lines.map { [5] + Array("\($0)\r\n".utf8) }
    }
}
