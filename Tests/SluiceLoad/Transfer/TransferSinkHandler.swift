// SPDX-License-Identifier: Apache-2.0
import NIOCore
import NIOPosix

/// A next hop that takes everything and keeps nothing.
final class TransferSinkHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private static let ending = Array("\r\n.\r\n".utf8)

    private let progress: TransferProgress
    private var line: [UInt8] = []
    private var isContent = false
    /// How many octets of the content's end have been seen last.
    private var matched = 0

    init(progress: TransferProgress) { self.progress = progress }

    static func listen(
        port: Int, group: any EventLoopGroup, progress: TransferProgress
    ) async throws -> any Channel {
        try await ServerBootstrap(group: group).serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .serverChannelOption(.backlog, value: 512)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(TransferSinkHandler(progress: progress))
                }
            }
            .bind(host: "127.0.0.1", port: port).get()
    }

    func channelActive(context: ChannelHandlerContext) { send("220 sink.test ESMTP\r\n", context) }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let part = unwrapInboundIn(data)
        var replies = ""
        var isOver = false
        part.withUnsafeReadableBytes { octets in
            var index = 0
            while index < octets.count {
                if isContent {
                    index = content(octets, from: index, &replies)
                } else {
                    let octet = octets[index]
                    index += 1
                    guard octet == UInt8(ascii: "\n") else {
                        line.append(octet)
                        continue
                    }
                    isOver = command(&replies) || isOver
                }
            }
        }
        if !replies.isEmpty { send(replies, context) }
        if isOver { context.close(promise: nil) }
    }

    /// Reads on to the final dot; returns where the octets behind it begin.
    private func content(_ octets: UnsafeRawBufferPointer, from start: Int, _ replies: inout String) -> Int {
        var index = start
        while index < octets.count {
            let octet = octets[index]
            index += 1
            if octet == Self.ending[matched] {
                matched += 1
            } else {
                matched = octet == UInt8(ascii: "\r") ? 1 : 0
            }
            guard matched == Self.ending.count else { continue }
            isContent = false
            progress.hasArrived()
            replies += "250 2.0.0 taken\r\n"
            break
        }
        return index
    }

    /// Answers a command; whether it was QUIT.
    private func command(_ replies: inout String) -> Bool {
        defer { line.removeAll(keepingCapacity: true) }
        switch line.prefix(4).map({ $0 & 0xDF }) {
        case Array("EHLO".utf8):
            replies += "250-sink.test\r\n250-PIPELINING\r\n250-8BITMIME\r\n250-ENHANCEDSTATUSCODES\r\n250 SIZE\r\n"
        case Array("DATA".utf8):
            isContent = true
            matched = 2  // an empty message is a dot alone
            replies += "354 go on\r\n"
        case Array("QUIT".utf8):
            replies += "221 2.0.0 good-bye\r\n"
            return true
        default: replies += "250 2.0.0 good\r\n"
        }
        return false
    }

    private func send(_ replies: String, _ context: ChannelHandlerContext) {
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: replies)), promise: nil)
    }
}
