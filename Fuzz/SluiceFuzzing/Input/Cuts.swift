// SPDX-License-Identifier: Apache-2.0
import NIOCore
import SluiceTesting

/// Cuts octets into pieces, as a network might bring them.
enum Cuts {
    /// - Parameter seed: 0 leaves them whole, 1 cuts them into single octets, all else at random places.
    static func pieces(of octets: some Collection<UInt8>, by seed: UInt8) -> [ByteBuffer] {
        if octets.isEmpty { return [] }
        switch seed {
        case 0: return [ByteBuffer(bytes: octets)]
        case 1: return octets.map { ByteBuffer(bytes: [$0]) }
        default:
            var generator = SeededGenerator(seed: UInt64(seed))
            return Array(octets).randomPieces(using: &generator).map { ByteBuffer(bytes: $0) }
        }
    }

    /// The octets of all pieces, one behind the other.
    static func joined(_ pieces: [ByteBuffer]) -> [UInt8] { pieces.flatMap { Array($0.readableBytesView) } }
}
