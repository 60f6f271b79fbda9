// SPDX-License-Identifier: Apache-2.0
import Logging
import NIOCore
import NIOEmbedded
import SluiceCore
import Testing

@testable import SluiceSMTP

/// A session on an embedded channel: octets in, octets out, and a clock that only the test moves.
struct EmbeddedSession {
    let channel: EmbeddedChannel
    let log = ScriptedPolicy.Log()

    init(limits: SMTPServerLimits = SMTPServerLimits(), answers: ScriptedPolicy.Answers = .init()) throws {
        let loop = EmbeddedEventLoop()
        let address = try #require(IPAddress("192.0.2.1"))
        let handler = SMTPServerHandler(
            configuration: SMTPServerConfiguration(hostname: "mx.test", limits: limits),
            client: ClientInfo(address: address), policy: ScriptedPolicy(loop: loop, answers: answers, log: log),
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
        channel = EmbeddedChannel(handler: handler, loop: loop)
        try channel.connect(to: SocketAddress(ipAddress: "192.0.2.1", port: 25)).wait()
    }

    /// All that was written since the last call, and in how many flushes.
    func output() throws -> (text: String, writes: Int) {
        var text = ""
        var writes = 0
        while let buffer = try channel.readOutbound(as: ByteBuffer.self) {
            text += String(buffer: buffer)
            writes += 1
        }
        return (text, writes)
    }

    /// Sends the octets and says what came back.
    @discardableResult
    func send(_ octets: String) throws -> String {
        try channel.writeInbound(ByteBuffer(string: octets))
        return try output().text
    }

    /// The reply codes among the output.
    static func codes(_ text: String) -> [Int] {
        text.split(separator: "\r\n").filter { $0.utf8.dropFirst(3).first != UInt8(ascii: "-") }
            .compactMap { Int($0.prefix(3)) }
    }

    func codes(_ octets: String) throws -> [Int] { Self.codes(try send(octets)) }
}
