// SPDX-License-Identifier: Apache-2.0
import Foundation
import NIOCore
import NIOPosix
import SluiceCore

/// Asks the running server.
package enum ControlClient {
    /// No server answers on that state directory.
    package struct NotRunning: Error, CustomStringConvertible {
        package let path: String
        package var description: String {
            "no server answers on \(path): is sluice serve running with this configuration?"
        }
    }

    /// What is said where the server ends before it has answered.
    static let endedMeanwhile = "the server ended meanwhile"

    /// The longest answer that is read.
    static let answerLimit = 1 << 30

    /// The server does not answer in time.
    struct NotAnswering: Error {}

    /// - Throws: ``NotRunning`` where nothing listens on the socket, ``NotAnswering`` after the time limit.
    static func ask(_ request: ControlRequest, state: String, within limit: Duration) async throws -> ControlAnswer {
        try await withThrowingTaskGroup(of: ControlAnswer.self) { group in
            group.addTask { try await ask(request, state: state) }
            group.addTask {
                try await Task.sleep(for: limit)
                throw NotAnswering()
            }
            defer { group.cancelAll() }
            return try await group.next() ?? .failed(75, "")
        }
    }

    /// - Throws: ``NotRunning`` where nothing listens on the socket.
    package static func ask(_ request: ControlRequest, state: String) async throws -> ControlAnswer {
        let path = ControlSocket.path(state: state)
        let channel: NIOAsyncChannel<ByteBuffer, ByteBuffer>
        do {
            channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .connect(unixDomainSocketPath: path) { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try NIOAsyncChannel(wrappingChannelSynchronously: channel)
                    }
                }
        } catch {
            throw NotRunning(path: path)
        }
        let request = ByteBuffer(bytes: try ControlCodec.encode(request))
        do {
            let octets = try await channel.executeThenClose { inbound, outbound in
                try await outbound.write(request)
                var all = ByteBuffer()
                for try await var part in inbound {
                    all.writeBuffer(&part)
                    guard all.readableBytes <= answerLimit else { break }
                }
                return all
            }
            return try answer(octets)
        } catch is IOError {
            return .failed(75, endedMeanwhile)
        }
    }

    private static func answer(_ octets: ByteBuffer) throws -> ControlAnswer {
        var values: [JSONValue] = []
        for line in octets.readableBytesView.split(separator: 0x0A) {
            let value = try JSONReader.read(line)
            if let inner = value["value"] {
                values.append(inner)
            } else if let code = value["failed"]?.integerValue {
                return .failed(Int(code), value["why"]?.stringValue ?? "")
            } else if value["done"] != nil {
                return .done(values)
            }
        }
        return .failed(75, endedMeanwhile)
    }
}
