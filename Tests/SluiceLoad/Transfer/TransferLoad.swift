// SPDX-License-Identifier: Apache-2.0
import NIOCore
import NIOPosix

/// Keeps so many connections under way, each for one message.
struct TransferLoad: Sendable {
    let port: Int
    /// Messages as they go over the connection, with the final dot.
    let contents: [ByteBuffer]
    let from: String
    let recipient: String
    let group: any EventLoopGroup
    let progress: TransferProgress

    func begin(connections: Int) {
        for _ in 0..<connections { connect() }
    }

    /// The next message over a new connection; nothing where all are under way.
    func connect() {
        guard let number = progress.take() else { return }
        ClientBootstrap(group: group).channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(
                        TransferClientHandler(load: self, content: contents[number % contents.count]))
                }
            }
            .connect(host: "127.0.0.1", port: port)
            .whenFailure {
                progress.failed("\($0)")
                connect()
            }
    }
}
