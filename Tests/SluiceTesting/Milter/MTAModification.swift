// SPDX-License-Identifier: Apache-2.0

/// What the milter wants altered, read from its packet.
package enum MTAModification: Equatable, Sendable {
    case addHeader(name: String, value: [UInt8])
    case insertHeader(index: UInt32, name: String, value: [UInt8])
    case changeHeader(name: String, occurrence: UInt32, value: [UInt8])
    case replaceBody([UInt8])
    case addRecipient(MTAMessage.Path)
    case deleteRecipient(String)
    case changeSender(MTAMessage.Path)
    case quarantine(String)

    /// Reads a packet; nil where it is none of these.
    init?(_ packet: MTAPacket) {
        func text(_ octets: [UInt8]) -> String { String(decoding: octets, as: UTF8.self) }
        func path(_ strings: [[UInt8]]) -> MTAMessage.Path {
            let address = text(strings.first ?? []).trimmingBrackets
            return MTAMessage.Path(address, parameters: strings.dropFirst().map(text))
        }
        let strings = packet.strings()
        let indexed = packet.strings(from: 4)
        switch packet.code {
        case "h" where strings.count >= 2: self = .addHeader(name: text(strings[0]), value: strings[1])
        case "i" where indexed.count >= 2:
            self = .insertHeader(index: packet.integer(at: 0), name: text(indexed[0]), value: indexed[1])
        case "m" where indexed.count >= 2:
            self = .changeHeader(name: text(indexed[0]), occurrence: packet.integer(at: 0), value: indexed[1])
        case "b": self = .replaceBody(packet.payload)
        case "+" where strings.count == 1: self = .addRecipient(path(strings))
        case "2" where !strings.isEmpty: self = .addRecipient(path(strings))
        case "-" where strings.count == 1: self = .deleteRecipient(path(strings).address)
        case "e" where !strings.isEmpty: self = .changeSender(path(strings))
        case "q": self = .quarantine(text(strings.first ?? []))
        default: return nil
        }
    }

    /// The action that has to be agreed on for the packet.
    static func action(of code: Character) -> MTAAction? {
        switch code {
        case "h", "i": .addHeader
        case "m": .changeHeader
        case "b": .changeBody
        case "+": .addRecipient
        case "2": .addRecipientWithParameters
        case "-": .deleteRecipient
        case "e": .changeSender
        case "q": .quarantine
        default: nil
        }
    }
}

extension String {
    /// Without the angle brackets around a path.
    fileprivate var trimmingBrackets: String {
        hasPrefix("<") && hasSuffix(">") ? String(dropFirst().dropLast()) : self
    }
}
