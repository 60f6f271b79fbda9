// SPDX-License-Identifier: Apache-2.0
package import NIOCore
import NIOPosix

/// A connection from an MTA to a milter, packet by packet.
package final class MTAConnection: Sendable {
    package enum Failure: Error, Equatable {
        /// The milter closed the connection where a packet was expected.
        case closed
        /// No packet within the time.
        case timedOut
        /// What came is not a packet.
        case malformed
        /// Another packet than the protocol allows at this place.
        case unexpected(String)
    }

    package let channel: any Channel
    private let collector: NIOLoopBound<MTAPacketCollector>
    private let timeout: TimeAmount

    private init(channel: any Channel, collector: NIOLoopBound<MTAPacketCollector>, timeout: TimeAmount) {
        self.channel = channel
        self.collector = collector
        self.timeout = timeout
    }

    /// - Parameter timeout: how long to wait for a packet; an MTA's time-out for a command.
    package static func connect(
        to address: MTAAddress, timeout: TimeAmount = .seconds(20),
        group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton
    ) async throws -> MTAConnection {
        let loop = group.next()
        let collector = try await loop.submit { NIOLoopBound(MTAPacketCollector(), eventLoop: loop) }.get()
        let bootstrap = ClientBootstrap(group: loop).channelInitializer { channel in
            channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(collector.value) }
        }
        let channel =
            switch address {
            case .port(let port): try await bootstrap.connect(host: "127.0.0.1", port: port).get()
            case .path(let path): try await bootstrap.connect(unixDomainSocketPath: path).get()
            }
        return MTAConnection(channel: channel, collector: collector, timeout: timeout)
    }

    package func send(_ packet: MTAPacket) async throws { try await send(octets: packet.octets) }

    /// Sends exactly these octets, a packet or not.
    package func send(octets: [UInt8]) async throws {
        do {
            try await channel.writeAndFlush(ByteBuffer(bytes: octets))
        } catch {
            throw Failure.closed
        }
    }

    /// The next packet.
    package func receive(within time: TimeAmount? = nil) async throws -> MTAPacket {
        let loop = channel.eventLoop
        let time = time ?? timeout
        let collector = collector
        return try await loop.flatSubmit {
            let promise = loop.makePromise(of: MTAPacket.self)
            let timer = loop.scheduleTask(in: time) { collector.value.giveUp(promise) }
            promise.futureResult.whenComplete { _ in timer.cancel() }
            collector.value.wait(with: promise)
            return promise.futureResult
        }.get()
    }

    /// How many packets came that nobody asked for yet.
    package func unread() async throws -> Int {
        let collector = collector
        return try await channel.eventLoop.submit { collector.value.unread }.get()
    }

    /// Whether the milter closes the connection within the time, whatever it says before.
    package func isClosed(within time: TimeAmount? = nil) async throws -> Bool {
        while true {
            do {
                _ = try await receive(within: time)
            } catch Failure.closed, Failure.malformed {
                return true
            } catch Failure.timedOut {
                return false
            }
        }
    }

    /// Closes without a word.
    package func close() async throws {
        do {
            try await channel.close()
        } catch ChannelError.alreadyClosed {
            return
        }
    }
}
