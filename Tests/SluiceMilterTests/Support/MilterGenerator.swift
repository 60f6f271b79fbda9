// SPDX-License-Identifier: Apache-2.0
import NIOCore
import SluiceCore
import SluiceTesting

@testable import SluiceMilter

/// Random commands and replies, the same for the same seed.
struct MilterGenerator {
    var random: SeededGenerator

    init(seed: UInt64) { random = SeededGenerator(seed: seed) }

    mutating func number(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }

    mutating func octets(_ range: ClosedRange<Int>) -> ByteBuffer {
        ByteBuffer(bytes: random.octets(number(range)))
    }

    /// Octets other than NUL.
    mutating func text(_ range: ClosedRange<Int> = 0...40) -> ByteBuffer {
        ByteBuffer(bytes: random.octets(number(range), from: Array(1...255)))
    }

    mutating func word() -> String {
        String(decoding: random.octets(number(1...12), from: Array("abcdefghij_".utf8)), as: UTF8.self)
    }

    mutating func macros() -> MilterMacros {
        var macros = MilterMacros()
        for _ in 0..<number(0...6) { macros.set(word(), to: word()) }
        return macros
    }

    mutating func options(lists: Bool) -> MilterOptions {
        var options = MilterOptions(
            version: UInt32(number(2...6)), actions: MilterActions(rawValue: UInt32(number(0...0x1FF))),
            steps: MilterSteps(rawValue: UInt32(number(0...0x1FFFFF))))
        for step in MilterMacroStep.allCases where lists && Bool.random(using: &random) {
            options.macroLists[step] = (0..<number(0...5)).map { _ in word() }
        }
        return options
    }

    mutating func address() -> MilterClientAddress {
        switch number(0...3) {
        case 0: return .unknown
        case 1: return .unix(text())
        default:
            let octets = random.octets(Bool.random(using: &random) ? 4 : 16)
            guard let address = IPAddress(octets: octets) else { return .unknown }
            return .address(address, port: UInt16(number(0...65_535)))
        }
    }

    mutating func command() -> MilterCommand {
        switch number(0...14) {
        case 0: return .negotiate(options(lists: false))
        case 1: return .macros(step: MilterCommandCode.steps.sorted()[number(0...9)], macros())
        case 2: return .connect(hostname: text(), address())
        case 3: return .helo(text())
        case 4: return .mail((0..<number(1...5)).map { _ in text() })
        case 5: return .recipient((0..<number(1...5)).map { _ in text() })
        case 6: return .data
        case 7: return .header(name: text(1...20), value: text(0...200))
        case 8: return .endOfHeader
        case 9: return .body(octets(0...500))
        case 10: return .endOfMessage(octets(0...500))
        case 11: return .abort
        case 12: return .quit
        case 13: return .quitNewConnection
        default: return .unknown(text())
        }
    }

    mutating func reply() -> MilterReply {
        switch number(0...19) {
        case 0: return .negotiate(options(lists: true))
        case 1: return .proceed
        case 2: return .accept
        case 3: return .reject
        case 4: return .temporaryFailure
        case 5: return .discard
        case 6: return .skip
        case 7: return .replyCode(text())
        case 8: return .shutdown
        case 9: return .connectionFailure
        case 10: return .progress
        case 11: return .quarantine(reason: text())
        case 12: return .addField(name: text(1...20), value: text())
        case 13: return .insertField(index: UInt32(number(0...99)), name: text(1...20), value: text())
        case 14: return .changeField(index: UInt32(number(0...99)), name: text(1...20), value: text())
        case 15: return .replaceBody(octets(0...500))
        case 16: return .changeReversePath(text(), parameters: Bool.random(using: &random) ? text() : nil)
        case 17: return .addRecipient(text())
        case 18: return .addRecipientWithParameters(text(), parameters: Bool.random(using: &random) ? text() : nil)
        default: return .deleteRecipient(text())
        }
    }
}

extension ByteBuffer {
    /// All packets in it, which must be whole.
    func packets() throws -> [MilterPacket] {
        var reader = MilterFrameReader()
        reader.feed(self)
        var packets: [MilterPacket] = []
        while let packet = try reader.next() { packets.append(packet) }
        return packets
    }
}

extension MilterCommand {
    var octets: ByteBuffer {
        var buffer = ByteBuffer()
        MilterCommandEncoder.encode(self, into: &buffer)
        return buffer
    }
}

extension MilterReply {
    var octets: ByteBuffer {
        var buffer = ByteBuffer()
        MilterReplyEncoder.encode(self, into: &buffer)
        return buffer
    }
}
