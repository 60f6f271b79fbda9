// SPDX-License-Identifier: Apache-2.0
import NIOCore
import NIOPosix
import SluiceCore

/// A name server on loopback that breaks in the way asked for. It knows an SPF record that lets anyone send, and the key
/// of the drill's messages, for whatever name it is asked about.
final class DrillNameServer: Sendable {
    private let channel: any Channel
    /// As the resolver's configuration writes it.
    let address: String

    /// - Parameters:
    ///   - fault: `dead`: the port is free again when this returns. `crash`: it answers half a message, and is dead then.
    ///   - keyRecord: the strings of the record of `_domainkey` names.
    static func start(_ fault: DrillRow.Fault, keyRecord: [String]) async throws -> DrillNameServer {
        let channel = try await DatagramBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(
                        DrillNameServerHandler(fault: fault, keyRecord: keyRecord))
                }
            }.bind(host: "127.0.0.1", port: 0).get()
        let server = DrillNameServer(channel)
        if fault == .dead { try await channel.close() }
        return server
    }

    private init(_ channel: any Channel) {
        self.channel = channel
        address = "127.0.0.1@\(channel.localAddress?.port ?? 0)"
    }

    /// Ends it, unless it has ended by itself.
    func stop() async throws { if channel.isActive { try await channel.close() } }

    /// The answer to a query (RFC 1035 §4); `nil` for what is no query.
    static func answer(_ query: [UInt8], keyRecord: [String]) -> [UInt8]? {
        // The header, a root name, type and class.
        guard query.count >= 17 else { return nil }
        var labels: [String] = []
        var offset = 12
        while query[offset] != 0 {
            let end = offset + 1 + Int(query[offset])
            guard end + 4 < query.count else { return nil }
            labels.append(String(decoding: query[(offset + 1)..<end], as: UTF8.self).asciiLowercased())
            offset = end
        }
        let type = UInt16(query[offset + 1]) << 8 | UInt16(query[offset + 2])
        var records: [UInt8] = []
        if type == UInt16(DNSRecordType.txt.number) {
            let strings = labels.contains("_domainkey") ? keyRecord : ["v=spf1 +all"]
            let data = strings.flatMap { [UInt8(truncatingIfNeeded: $0.utf8.count)] + Array($0.utf8) }
            // The name of the question, TXT, IN, 60 s.
            records = [0xC0, 12, 0, 16, 0, 1, 0, 0, 0, 60, UInt8(data.count >> 8), UInt8(data.count & 255)] + data
        }
        return Array(query[0..<2]) + [0x85, 0x80, 0, 1, 0, records.isEmpty ? 0 : 1, 0, 0, 0, 0]
            + query[12...(offset + 4)] + records
    }
}

private final class DrillNameServerHandler: ChannelInboundHandler {
    typealias InboundIn = AddressedEnvelope<ByteBuffer>
    typealias OutboundOut = AddressedEnvelope<ByteBuffer>
    private let fault: DrillRow.Fault
    private let keyRecord: [String]

    init(fault: DrillRow.Fault, keyRecord: [String]) {
        self.fault = fault
        self.keyRecord = keyRecord
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let envelope = unwrapInboundIn(data)
        let query = Array(envelope.data.readableBytesView)
        guard let answer = DrillNameServer.answer(query, keyRecord: keyRecord) else { return }
        let channel = context.channel
        let send = { @Sendable (octets: [UInt8]) -> EventLoopFuture<Void> in
            channel.writeAndFlush(
                AddressedEnvelope(remoteAddress: envelope.remoteAddress, data: ByteBuffer(bytes: octets)))
        }
        switch fault {
        case .hang, .dead: break
        case .garbage:
            // The id is right, so that it is not taken for a stranger's: what follows is none.
            _ = send(Array(query.prefix(2)) + (0..<200).map { _ in UInt8.random(in: 0...255) })
        case .crash: send(Array(answer.prefix(answer.count / 2))).whenComplete { _ in channel.close(promise: nil) }
        case .slow:
            context.eventLoop.scheduleTask(in: TimeAmount(DrillConfiguration.slowness)) { _ = send(answer) }
        case .missing, .full, .overlong, .none: _ = send(answer)
        }
    }
}
