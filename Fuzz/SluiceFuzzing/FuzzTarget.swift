// SPDX-License-Identifier: Apache-2.0

/// What is fuzzed: each takes any octets, and ends the process where something is wrong that must not be.
///
/// A new target is a case here, a file beside this one, and a folder of seeds in `fixtures/fuzz/`.
package enum FuzzTarget: String, CaseIterable, Sendable {
    /// A packet of an MTA: what can be read can be written, and reads the same again.
    case milterCommand = "milter-command"
    /// A packet of a filter, likewise.
    case milterReply = "milter-reply"
    /// A dialogue with the milter server: the policy is called in order, and each step answered as agreed on.
    case milterSession = "milter-session"

    package func run(_ octets: [UInt8]) {
        switch self {
        case .milterCommand: MilterPacketFuzz.command(octets)
        case .milterReply: MilterPacketFuzz.reply(octets)
        case .milterSession: MilterSessionFuzz.run(octets)
        }
    }

    /// Inputs to begin with, so that a run need not find the form of a packet by itself.
    package var seeds: [[UInt8]] {
        switch self {
        case .milterCommand: MilterPacketFuzz.commandSeeds
        case .milterReply: MilterPacketFuzz.replySeeds
        case .milterSession: MilterSessionFuzz.seeds
        }
    }
}
