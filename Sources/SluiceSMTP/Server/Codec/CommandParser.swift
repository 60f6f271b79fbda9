// SPDX-License-Identifier: Apache-2.0
import SluiceCore

/// Reads one command line, without its CRLF, into a command (RFC 5321 §4.1).
///
/// Verbs and keywords compare without case; white space at the end is let pass (RFC 5321 §4.1.1), and so is white
/// space behind the colon of MAIL and RCPT, which many clients send.
package enum CommandParser {
    package static func parse(_ line: [UInt8]) -> Result<SMTPCommand, CommandFault> {
        var end = line.count
        while end > 0, line[end - 1].isWhiteSpace { end -= 1 }
        let verbEnd = line[..<end].firstIndex(where: \.isWhiteSpace) ?? end
        var start = verbEnd
        while start < end, line[start].isWhiteSpace { start += 1 }
        let argument = line[start..<end]
        guard verbEnd > 0, verbEnd <= 8 else { return .failure(.unknown) }
        switch String(decoding: line[..<verbEnd].lazy.map(\.asciiLowercased), as: UTF8.self) {
        case "ehlo": return hello(argument, isExtended: true)
        case "helo": return hello(argument, isExtended: false)
        case "mail": return mail(argument)
        case "rcpt": return recipient(argument)
        case "data": return bare(.data, argument, "DATA")
        case "rset": return bare(.reset, argument, "RSET")
        case "quit": return bare(.quit, argument, "QUIT")
        case "starttls": return bare(.startTLS, argument, "STARTTLS")
        case "noop": return .success(.noop)
        case "help": return .success(.help)
        case "vrfy": return argument.isEmpty ? .failure(.syntax("VRFY address")) : .success(.verify)
        case "auth": return authenticate(argument)
        case "expn", "bdat", "turn", "etrn", "atrn", "send", "soml", "saml": return .failure(.notImplemented)
        default: return .failure(.unknown)
        }
    }

    private static func bare(
        _ command: SMTPCommand, _ argument: ArraySlice<UInt8>, _ verb: String
    ) -> Result<SMTPCommand, CommandFault> {
        argument.isEmpty ? .success(command) : .failure(.syntax("\(verb), without an argument"))
    }

    private static func hello(_ argument: ArraySlice<UInt8>, isExtended: Bool) -> Result<SMTPCommand, CommandFault> {
        guard !argument.isEmpty, argument.count <= 255, argument.allSatisfy({ $0 > 32 && $0 < 127 }) else {
            return .failure(.syntax(isExtended ? "EHLO name" : "HELO name"))
        }
        return .success(.hello(name: String(decoding: argument, as: UTF8.self), isExtended: isExtended))
    }

    /// AUTH SP mechanism [SP initial-response] (RFC 4954 §4); a mechanism has 1 to 20 characters (RFC 4422 §3.1).
    private static func authenticate(_ argument: ArraySlice<UInt8>) -> Result<SMTPCommand, CommandFault> {
        let words = argument.split(whereSeparator: \.isWhiteSpace)
        guard let mechanism = words.first, words.count <= 2, mechanism.count <= 20,
            mechanism.allSatisfy({ $0.isASCIIAlphanumeric || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_") })
        else { return .failure(.syntax("AUTH mechanism [initial-response]")) }
        let initial = words.count == 2 ? Array(words[1]) : nil
        return .success(
            .authenticate(
                mechanism: String(decoding: mechanism, as: UTF8.self).uppercased(),
                initialResponse: initial == [UInt8(ascii: "=")] ? [] : initial))
    }

    private static func mail(_ argument: ArraySlice<UInt8>) -> Result<SMTPCommand, CommandFault> {
        guard let rest = path(argument, after: "FROM:") else { return .failure(.reversePath) }
        var parser = PathParser(rest)
        guard let path = parser.reversePath() else { return .failure(.reversePath) }
        guard isASCII(rest, until: parser.position) else { return .failure(.internationalized) }
        var command = MailCommand(reversePath: path)
        do {
            try MailParameters.read(rest[parser.position...], into: &command)
        } catch {
            return .failure(error)
        }
        return .success(.mail(command))
    }

    private static func recipient(_ argument: ArraySlice<UInt8>) -> Result<SMTPCommand, CommandFault> {
        guard let rest = path(argument, after: "TO:") else { return .failure(.forwardPath) }
        var parser = PathParser(rest)
        guard let mailbox = parser.forwardPath() else { return .failure(.forwardPath) }
        guard isASCII(rest, until: parser.position) else { return .failure(.internationalized) }
        do {
            return .success(.recipient(mailbox, dsn: try MailParameters.recipient(rest[parser.position...])))
        } catch {
            return .failure(error)
        }
    }

    private static func isASCII(_ octets: [UInt8], until end: Int) -> Bool { octets[..<end].allSatisfy { $0 < 128 } }

    /// What follows `FROM:` or `TO:`.
    private static func path(_ argument: ArraySlice<UInt8>, after keyword: String) -> [UInt8]? {
        let length = keyword.utf8.count
        guard argument.count > length, argument.prefix(length).equalsIgnoringCase(keyword) else { return nil }
        return Array(argument.dropFirst(length).drop(while: \.isWhiteSpace))
    }
}
