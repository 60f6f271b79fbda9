// SPDX-License-Identifier: Apache-2.0
import NIOCore
import NIOPosix
import Synchronization

/// A name server over UDP on 127.0.0.1, as small as one can be: what the tests of the resolver ask.
final class NameServer: Sendable {
    enum Behaviour: Sendable {
        /// RDATA of the type; all of one time to live.
        case records(type: UInt16, [[UInt8]], timeToLive: UInt32 = 300)
        case alias([UInt8])
        case code(UInt8)
        case silence
    }

    private let zone: [String: [Behaviour]]
    private let asked = Mutex<[String: Int]>([:])
    private let channel: Mutex<(any Channel)?> = Mutex(nil)

    /// Names without a final dot, in lower case.
    init(_ zone: [String: [Behaviour]]) { self.zone = zone }

    /// Begins to answer; returns the address as libunbound wants it.
    func start() async throws -> String {
        let bound = try await DatagramBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(NameServerHandler(server: self))
                }
            }.bind(host: "127.0.0.1", port: 0).get()
        channel.withLock { $0 = bound }
        return "127.0.0.1@\(bound.localAddress?.port ?? 0)"
    }

    func stop() async throws { try await channel.withLock { $0 }?.close() }

    func count(_ name: String) -> Int { asked.withLock { $0[name] ?? 0 } }

    static func wire(_ name: String) -> [UInt8] {
        name.split(separator: ".").flatMap { [UInt8($0.utf8.count)] + Array($0.utf8) } + [0]
    }

    /// The answer to a query; `nil` is silence.
    func answer(_ query: [UInt8]) -> [UInt8]? {
        guard query.count > 16 else { return nil }
        var labels: [String] = []
        var offset = 12
        while offset < query.count, query[offset] != 0 {
            let end = offset + 1 + Int(query[offset])
            guard end + 4 < query.count else { return nil }
            labels.append(String(decoding: query[(offset + 1)..<end], as: UTF8.self).lowercased())
            offset = end
        }
        let name = labels.joined(separator: ".")
        let type = UInt16(query[offset + 1]) << 8 | UInt16(query[offset + 2])
        asked.withLock { $0[name, default: 0] += 1 }
        var code: UInt8 = zone[name] == nil ? 3 : 0
        var records: [UInt8] = []
        var count: UInt8 = 0
        func add(_ type: UInt16, _ data: [UInt8], _ timeToLive: UInt32) {
            records += [0xC0, 12, UInt8(type >> 8), UInt8(type & 255), 0, 1]
            records += (0..<4).map { UInt8(truncatingIfNeeded: timeToLive >> (24 - 8 * $0)) }
            records += [UInt8(data.count >> 8), UInt8(data.count & 255)] + data
            count += 1
        }
        for behaviour in zone[name] ?? [] {
            switch behaviour {
            case .silence: return nil
            case .code(let given): code = given
            case .alias(let target): add(5, target, 300)
            case .records(let of, let data, let timeToLive):
                if of == type { for one in data { add(of, one, timeToLive) } }
            }
        }
        return Array(query[0..<2]) + [0x85, 0x80 | code, 0, 1, 0, count, 0, 0, 0, 0] + query[12...(offset + 4)]
            + records
    }
}

private final class NameServerHandler: ChannelInboundHandler {
    typealias InboundIn = AddressedEnvelope<ByteBuffer>
    typealias OutboundOut = AddressedEnvelope<ByteBuffer>
    private let server: NameServer

    init(server: NameServer) { self.server = server }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let envelope = unwrapInboundIn(data)
        guard let answer = server.answer(Array(envelope.data.readableBytesView)) else { return }
        let reply = AddressedEnvelope(remoteAddress: envelope.remoteAddress, data: ByteBuffer(bytes: answer))
        context.writeAndFlush(wrapOutboundOut(reply), promise: nil)
    }
}
