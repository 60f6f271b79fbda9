// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
import Foundation

/// How messages between relay and worker are written: one JSON value a packet.
package enum WorkerCoding {
    /// The longest packet, in octets.
    package static let packetLimit = 16_384
    /// The descriptor at which a worker finds its socket.
    package static let socketDescriptor: Int32 = 3

    package static func encode(_ message: some Encodable) throws -> [UInt8] {
        let octets = Array(try JSONEncoder().encode(message))
        guard octets.count <= packetLimit else { throw WorkerCodingError.tooLong(octets.count) }
        return octets
    }

    package static func decode<Message: Decodable>(_ type: Message.Type, from octets: [UInt8]) throws -> Message {
        guard octets.count <= packetLimit else { throw WorkerCodingError.tooLong(octets.count) }
        return try JSONDecoder().decode(type, from: Data(octets))
    }
}

package enum WorkerCodingError: Error, Hashable, Sendable, CustomStringConvertible {
    case tooLong(Int)

    package var description: String {
        switch self {
        case .tooLong(let count): "a message of \(count) octets, \(WorkerCoding.packetLimit) are allowed"
        }
    }
}
