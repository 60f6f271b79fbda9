// SPDX-License-Identifier: Apache-2.0
import Foundation
import NIOCore

/// A client of one message: a command, its reply, the next command (no PIPELINING); then QUIT.
final class TransferClientHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private enum Step: Int { case greeting, hello, mail, recipient, data, content, quit }

    private let load: TransferLoad
    private let content: ByteBuffer
    private var step = Step.greeting
    private var received = ByteBuffer()
    private let connecting = ContinuousClock.now
    private var dotSent = ContinuousClock.now
    private var isDecided = false

    init(load: TransferLoad, content: ByteBuffer) {
        self.load = load
        self.content = content
    }

    /// A message of a file as it is transmitted: dots doubled where a line begins with one, and the final dot.
    static func transmitted(contentsOf path: String) throws -> ByteBuffer {
        var octets: [UInt8] = []
        var isAtStart = true
        for octet in try Data(contentsOf: URL(fileURLWithPath: path)) {
            if isAtStart, octet == UInt8(ascii: ".") { octets.append(octet) }
            octets.append(octet)
            isAtStart = octet == UInt8(ascii: "\n")
        }
        if !isAtStart { octets += Array("\r\n".utf8) }
        return ByteBuffer(bytes: octets + Array(".\r\n".utf8))
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var part = unwrapInboundIn(data)
        received.writeBuffer(&part)
        while let end = received.readableBytesView.firstIndex(of: UInt8(ascii: "\n")) {
            let line = Array(received.readableBytesView[..<end])
            received.moveReaderIndex(to: end + 1)
            received.discardReadBytes()
            if line.count > 3, line[3] == UInt8(ascii: "-") { continue }
            replied(line, context)
        }
    }

    private func replied(_ line: [UInt8], _ context: ChannelHandlerContext) {
        let wanted: [UInt8] = step == .data ? Array("354".utf8) : Array("2".utf8)
        guard line.starts(with: wanted) else { return give(up: String(decoding: line, as: UTF8.self), context) }
        switch step {
        case .greeting: send("EHLO client.sender.example\r\n", .hello, context)
        case .hello: send("MAIL FROM:<\(load.from)>\r\n", .mail, context)
        case .mail: send("RCPT TO:<\(load.recipient)>\r\n", .recipient, context)
        case .recipient: send("DATA\r\n", .data, context)
        case .data:
            step = .content
            dotSent = .now
            context.writeAndFlush(wrapOutboundOut(content), promise: nil)
        case .content:
            let now = ContinuousClock.now
            isDecided = true
            load.progress.acknowledged(final: now - dotSent, session: now - connecting)
            send("QUIT\r\n", .quit, context)
        case .quit: context.close(promise: nil)
        }
    }

    private func send(_ command: String, _ next: Step, _ context: ChannelHandlerContext) {
        step = next
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: command)), promise: nil)
    }

    private func give(up reason: String, _ context: ChannelHandlerContext) {
        if !isDecided { load.progress.failed(reason) }
        isDecided = true
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        if !isDecided { load.progress.failed("closed at step \(step)") }
        isDecided = true
        load.connect()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { give(up: "\(error)", context) }
}
