// SPDX-License-Identifier: Apache-2.0
import NIOCore
import SluiceCore
import SluiceSMTP

/// What ``ContentDecoder`` has to make of octets, in the plainest way: line by line, with all of them at hand.
struct ContentReference {
    private(set) var content: [UInt8] = []
    private(set) var defect: ContentDefect?
    /// What follows the final dot.
    private(set) var rest: [UInt8] = []

    /// - Returns: `nil` where there is no final dot.
    init?(_ octets: [UInt8], _ limits: SMTPServerLimits) {
        let lines = Lines(octets).whole
        guard let end = lines.firstIndex(where: { $0.elementsEqual([UInt8(ascii: ".")]) }) else { return nil }
        var defects: [ContentDefect] = []
        for line in lines[..<end] {
            let line = line.first == UInt8(ascii: ".") ? line.dropFirst() : line
            if line.contains(0) { defects.append(.nul) }
            if line.contains(0x0D) || line.contains(0x0A) { defects.append(.lineEnd) }
            if line.count + 2 > limits.contentLine { defects.append(.lineTooLong) }
            content += line + [0x0D, 0x0A]
        }
        if end > 0, lines[end - 1].last == 0x0D { defects.append(.doubtfulEnd) }
        if content.count > limits.messageSize { defects.append(.tooLarge) }
        // How a header section is read that has other line ends does not matter: it is refused for these.
        let reading = HeaderSection.read(ByteBuffer(bytes: content))
        if reading.header.all("Received").count > limits.hops { defects.append(.tooManyHops) }
        if Self.length(reading) > limits.header { defects.append(.headerTooLarge) }
        defect = defects.max()
        rest = Array(octets[lines[end].endIndex...].dropFirst(2))
    }

    /// The octets of the header section's lines, without the empty line.
    private static func length(_ reading: HeaderSection.Reading) -> Int {
        let hasEmptyLine = !reading.defects.contains { defect in
            switch defect {
            case .notAField, .noBody: true
            case .mboxLine, .tooLong: false
            }
        }
        return reading.bodyOffset - (hasEmptyLine ? 2 : 0)
    }
}
