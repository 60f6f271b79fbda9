// SPDX-License-Identifier: Apache-2.0
import SluiceCore

/// Reads the parameters behind a path: `SP keyword[=value]`, any number (RFC 5321 §4.1.2).
enum MailParameters {
    /// The parameters of MAIL: `SIZE=` (RFC 1870), `BODY=` (RFC 6152), `RET=` and `ENVID=` (RFC 3461 §4.3,
    /// 4.4), and `AUTH=` (RFC 4954 §5).
    ///
    /// `AUTH=` is read and not used: we trust no client's word about who submitted a message.
    static func read(_ octets: ArraySlice<UInt8>, into command: inout MailCommand) throws(CommandFault) {
        var seen: [String] = []
        for parameter in try split(octets) {
            guard !seen.contains(parameter.name) else { throw .parameterValue(parameter.name) }
            seen.append(parameter.name)
            switch parameter.name {
            case "SIZE":
                guard let value = parameter.value, !value.isEmpty, value.count <= 20, value.allSatisfy(\.isASCIIDigit)
                else { throw .parameterValue("SIZE") }
                command.size = Int(String(decoding: value, as: UTF8.self)) ?? .max
            case "BODY":
                guard let value = parameter.value else { throw .parameterValue("BODY") }
                if value.equalsIgnoringCase("8BITMIME") {
                    command.is8BitMIME = true
                } else if !value.equalsIgnoringCase("7BIT") {
                    throw .parameterValue("BODY")
                }
            case "RET", "ENVID":
                var dsn = command.dsn ?? DSNParameters()
                guard let written = ESMTPParameters(parameter.written), dsn.take(written) else {
                    throw .parameterValue(parameter.name)
                }
                command.dsn = dsn
            case "AUTH":
                guard let value = parameter.value, !value.isEmpty else { throw .parameterValue("AUTH") }
            default: throw .parameter(parameter.name)
            }
        }
    }

    /// The parameters of RCPT: `NOTIFY=` and `ORCPT=` (RFC 3461 §4.1, 4.2).
    static func recipient(_ octets: ArraySlice<UInt8>) throws(CommandFault) -> RecipientDSNParameters {
        var dsn = RecipientDSNParameters()
        for parameter in try split(octets) {
            let read = ESMTPParameters(parameter.written).map { RecipientDSNParameters($0) }
            switch parameter.name {
            case "NOTIFY":
                guard dsn.notify == nil, let notify = read?.notify else { throw .parameterValue("NOTIFY") }
                dsn.notify = notify
            case "ORCPT":
                guard dsn.originalRecipient == nil, let original = read?.originalRecipient else {
                    throw .parameterValue("ORCPT")
                }
                dsn.originalRecipient = original
            default: throw .parameter(parameter.name)
            }
        }
        return dsn
    }

    private struct Parameter {
        var name: String
        var value: ArraySlice<UInt8>?

        /// As it stands in the command.
        var written: [UInt8] { Array(name.utf8) + (value.map { [UInt8(ascii: "=")] + $0 } ?? []) }
    }

    private static func split(_ octets: ArraySlice<UInt8>) throws(CommandFault) -> [Parameter] {
        if let first = octets.first, !first.isWhiteSpace { throw .syntax("<address> [parameter]...") }
        var parameters: [Parameter] = []
        for word in octets.split(whereSeparator: \.isWhiteSpace) {
            let equals = word.firstIndex(of: UInt8(ascii: "="))
            let name = word[..<(equals ?? word.endIndex)]
            let value = equals.map { word[($0 + 1)...] }
            guard let first = name.first, first.isASCIIAlphanumeric, name.count <= 32,
                name.allSatisfy({ $0.isASCIIAlphanumeric || $0 == UInt8(ascii: "-") }),
                value?.allSatisfy({ $0 > 32 && $0 < 127 }) ?? true
            else { throw .syntax("<address> [keyword=value]...") }
            parameters.append(Parameter(name: String(decoding: name, as: UTF8.self).uppercased(), value: value))
        }
        return parameters
    }
}
