// SPDX-License-Identifier: Apache-2.0
import NIOCore

/// What is to be done next, in the session's words.
enum MilterSessionAction: Hashable, Sendable {
    /// Tell the policy what was agreed on.
    case negotiated(MilterOptions)
    /// Ask the policy; the answer goes to ``MilterSession/answered(_:)``.
    case ask(MilterSessionQuestion)
    /// Give the policy a piece of the body; then call ``MilterSession/bodyTaken(isKept:)``.
    case takeBody(ByteBuffer)
    /// Ask the policy about the whole message; then call ``MilterSession/concluded(_:)``.
    case conclude(MilterMacros)
    /// Tell the policy so.
    case transactionEnded
    /// Tell the policy so.
    case clientEnded
    /// Send this.
    case send(MilterReply)
    /// Log what the policy did wrong; the session has put it right.
    case reportFault(String)
    /// Close the connection; no action follows.
    case close(MilterClosing)
}

/// What the policy answers at once.
enum MilterSessionQuestion: Hashable, Sendable {
    case connected(hostname: ByteBuffer, MilterClientAddress, MilterMacros)
    case helo(ByteBuffer, MilterMacros)
    case mail([ByteBuffer], MilterMacros)
    case recipient([ByteBuffer], MilterMacros)
    case data(MilterMacros)
    case field(name: ByteBuffer, value: ByteBuffer)
    case headerEnded(MilterMacros)

    var step: MilterSessionStep {
        switch self {
        case .connected: .connect
        case .helo: .helo
        case .mail: .mail
        case .recipient: .recipient
        case .data: .data
        case .field: .header
        case .headerEnded: .endOfHeader
        }
    }
}
