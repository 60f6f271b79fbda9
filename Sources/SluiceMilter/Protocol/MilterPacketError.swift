// SPDX-License-Identifier: Apache-2.0

/// Why octets are no packet of the milter protocol: the connection is closed, with these words in the log.
package enum MilterPacketError: Error, Hashable, Sendable {
    /// Longer than the limit, in octets.
    case tooLong(length: UInt32, limit: UInt32)
    /// A packet without even a command code.
    case empty
    /// A code that the protocol doesn't have.
    case unknownCode(UInt8)
    /// A packet of that code whose payload isn't formed as it should be.
    case malformed(code: UInt8, String)
}

extension MilterPacketError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .tooLong(let length, let limit): "a packet of \(length) octets, at most \(limit) would be right"
        case .empty: "a packet without a command, at least one octet would be right"
        case .unknownCode(let code): "an unknown packet code \(Self.written(code))"
        case .malformed(let code, let what): "a malformed packet \(Self.written(code)): \(what)"
        }
    }

    private static func written(_ code: UInt8) -> String {
        code > 32 && code < 127 ? "“\(Unicode.Scalar(code))”" : "0x\(String(code, radix: 16))"
    }
}
