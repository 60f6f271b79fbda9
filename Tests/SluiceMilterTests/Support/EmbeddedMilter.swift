// SPDX-License-Identifier: Apache-2.0
import Logging
import NIOCore
import NIOEmbedded
import Synchronization

@testable import SluiceMilter

/// A milter server on an embedded channel, which has its own time.
struct EmbeddedMilter {
    let channel = EmbeddedChannel()
    let policy: RecordingPolicy
    let log = MilterLog()

    init(_ configuration: MilterServerConfiguration = MilterServerConfiguration()) throws {
        policy = RecordingPolicy(loop: channel.embeddedEventLoop)
        let log = log
        let logger = Logger(label: "milter") { _ in log }
        try channel.pipeline.syncOperations.addHandler(
            MilterServerHandler(configuration: configuration, policy: policy, logger: logger))
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 25)).wait()
    }

    func send(_ commands: MilterCommand...) throws { try send(commands) }

    /// All in one read.
    func send(_ commands: [MilterCommand]) throws {
        var octets = ByteBuffer()
        for command in commands { MilterCommandEncoder.encode(command, into: &octets) }
        try channel.writeInbound(octets)
    }

    func negotiate(_ steps: MilterSteps = .version6) throws {
        try send(.negotiate(MilterOptions(version: 6, actions: .version6, steps: steps)))
        _ = try replies()
    }

    func advance(_ time: TimeAmount) { channel.embeddedEventLoop.advanceTime(by: time) }

    /// What was written since the last call, and in how many writes.
    func output() throws -> (replies: [MilterReply], writes: Int) {
        var octets = ByteBuffer()
        var writes = 0
        while let write = try channel.readOutbound(as: ByteBuffer.self) {
            octets.writeImmutableBuffer(write)
            if write.readableBytes > 0 { writes += 1 }
        }
        return (try octets.packets().map(MilterReplyDecoder.decode), writes)
    }

    func replies() throws -> [String] { try output().replies.map(\.name) }
}

/// Keeps the lines of the log.
final class MilterLog: LogHandler, Sendable {
    private let entries = Mutex<[String]>([])

    /// All that is not for debugging.
    var lines: [String] { entries.withLock { $0 } }

    var logLevel: Logger.Level {
        get { .info }
        set {}
    }
    var metadata: Logger.Metadata {
        get { [:] }
        set {}
    }
    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { nil }
        set {}
    }

    func log(event: LogEvent) {
        let values = (event.metadata ?? [:]).map { "\($0.key)=\($0.value)" }.sorted()
        entries.withLock { $0.append(([event.message.description] + values).joined(separator: " ")) }
    }
}
