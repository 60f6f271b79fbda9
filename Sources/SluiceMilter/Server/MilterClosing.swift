// SPDX-License-Identifier: Apache-2.0

/// Why a connection is closed.
enum MilterClosing: Hashable, Sendable {
    /// The MTA said quit.
    case quit
    /// We shut down, and no message is under way.
    case shutdown
    /// The MTA closed it.
    case connectionLost(isWithinPacket: Bool, isWithinTransaction: Bool)
    case packet(MilterPacketError)
    /// A command that has no place where it came.
    case outOfOrder(command: String, state: String)
    case version(UInt32)
    case idle
    case packetTimeout
    case socket(String)

    /// Whether all is as it should be, and nothing is to be logged. Postfix doesn't say quit after an answer that ends
    /// the client's session.
    var isClean: Bool {
        switch self {
        case .quit, .shutdown: true
        case .connectionLost(let isWithinPacket, let isWithinTransaction): !isWithinPacket && !isWithinTransaction
        case .packet, .outOfOrder, .version, .idle, .packetTimeout, .socket: false
        }
    }
}

extension MilterClosing: CustomStringConvertible {
    var description: String {
        switch self {
        case .quit: "the MTA said quit"
        case .shutdown: "shutting down"
        case .connectionLost(true, _): "the MTA closed it within a packet"
        case .connectionLost(false, true): "the MTA closed it within a message"
        case .connectionLost(false, false): "the MTA closed it"
        case .packet(let error): "\(error)"
        case .outOfOrder(let command, let state): "\(command) has no place \(state)"
        case .version(let version):
            "version \(version) of the milter protocol, \(MilterNegotiation.versions.lowerBound) or later would be right"
        case .idle: "nothing came for too long"
        case .packetTimeout: "a packet was begun and not ended in time"
        case .socket(let text): text
        }
    }
}
