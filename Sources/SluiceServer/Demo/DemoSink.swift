// SPDX-License-Identifier: Apache-2.0
import Logging
import NIOCore
import NIOPosix
import SluiceCore
import SluiceSMTP
import Synchronization

/// Plays the internal server of the demo: takes mail for all but `nobody@`, refuses the content of what goes to
/// `refused@`, and keeps what it got.
final class DemoSink: Sendable {
    struct Received: Sendable {
        var envelope: Envelope
        var content: ByteBuffer
    }

    private let channel: any Channel
    private let store: DemoSinkStore
    let port: Int

    /// - Parameter port: 0 for any.
    static func start(group: MultiThreadedEventLoopGroup, port: Int = 0, logger: Logger) async throws -> DemoSink {
        let store = DemoSinkStore()
        let channel = try await ServerBootstrap(group: group)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let address = channel.remoteAddress.flatMap { IPAddress($0.ipAddress ?? "") } ?? .unspecified
                    try channel.pipeline.syncOperations.addHandler(
                        SMTPServerHandler(
                            configuration: SMTPServerConfiguration(hostname: "mail.demo.example"),
                            client: ClientInfo(address: address),
                            policy: DemoSinkPolicy(store, eventLoop: channel.eventLoop), logger: logger))
                }
            }
            .bind(host: "127.0.0.1", port: port).get()
        return DemoSink(channel: channel, store: store)
    }

    private init(channel: any Channel, store: DemoSinkStore) {
        self.channel = channel
        self.store = store
        port = channel.localAddress?.port ?? 0
    }

    /// What was received with that id in its Received field (and not in the body, as in a notification about it).
    func messages(id: String) -> [Received] {
        store.all.filter { $0.content.readableBytesView.headerSection.contains(subsequence: "with ESMTP id \(id)") }
    }

    func stop() async throws { try await channel.close() }
}

/// What the sink got.
final class DemoSinkStore: Sendable {
    private let received = Mutex<[DemoSink.Received]>([])

    func add(_ message: DemoSink.Received) { received.withLock { $0.append(message) } }
    var all: [DemoSink.Received] { received.withLock { $0 } }
}

/// One session of the sink.
private final class DemoSinkPolicy: SMTPSessionPolicy {
    private let store: DemoSinkStore
    private let eventLoop: any EventLoop
    private var envelope: Envelope?
    private var content = ByteBuffer()

    init(_ store: DemoSinkStore, eventLoop: any EventLoop) {
        self.store = store
        self.eventLoop = eventLoop
    }

    func connected(_ client: ClientInfo) -> PolicyAnswer { .accept }
    func mailReceived(_ mail: MailCommand, from client: ClientInfo) -> PolicyAnswer { .accept }

    func recipientReceived(_ recipient: Mailbox, for envelope: Envelope, from client: ClientInfo) -> PolicyAnswer {
        recipient.localPart == "nobody" ? .refuse(Reply(550, EnhancedStatusCode(5, 1, 1), "no such user")) : .accept
    }

    func contentAwaited(for envelope: Envelope, from client: ClientInfo) -> PolicyAnswer {
        self.envelope = envelope
        content = ByteBuffer()
        return .accept
    }

    func contentReceived(_ chunk: ByteBuffer) -> EventLoopFuture<Void>? {
        content.writeImmutableBuffer(chunk)
        return nil
    }

    func contentEnded() -> EventLoopFuture<Reply> {
        guard let envelope else {
            return eventLoop.makeSucceededFuture(Reply(451, EnhancedStatusCode(4, 3, 0), "no transaction"))
        }
        if envelope.recipients.contains(where: { $0.localPart == "refused" }) {
            return eventLoop.makeSucceededFuture(
                Reply(554, EnhancedStatusCode(5, 6, 0), "this mailbox takes no offers"))
        }
        store.add(DemoSink.Received(envelope: envelope, content: content))
        return eventLoop.makeSucceededFuture(Reply(250, EnhancedStatusCode(2, 0, 0), "taken"))
    }

    func transactionEnded(_ end: TransactionEnd) { envelope = nil }

    func credentialsReceived(
        _ credentials: Credentials, from client: ClientInfo
    ) -> EventLoopFuture<AuthenticationOutcome> { eventLoop.makeSucceededFuture(.unavailable) }

    func sessionEnded() {}
}

extension ByteBufferView {
    /// What stands before the first empty line.
    fileprivate var headerSection: ByteBufferView {
        let end = Array("\r\n\r\n".utf8)
        let index = indices.first { self[$0...].starts(with: end) }
        return self[..<(index ?? endIndex)]
    }

    /// Whether the text stands somewhere in the octets.
    func contains(subsequence text: String) -> Bool {
        let wanted = Array(text.utf8)
        guard let first = wanted.first else { return true }
        var rest = self[startIndex...]
        while let index = rest.firstIndex(of: first) {
            if self[index...].starts(with: wanted) { return true }
            rest = self[(index + 1)...]
        }
        return false
    }
}
