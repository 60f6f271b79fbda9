// SPDX-License-Identifier: Apache-2.0

/// What is fuzzed: each takes any octets, and ends the process where something is wrong that must not be.
///
/// A new target is a case here, a file in one of the folders, and its seeds.
package enum FuzzTarget: String, CaseIterable, Sendable {
    /// Command lines of a client, cut anywhere.
    case smtpCommand = "smtp-command"
    /// A client's side of a dialogue with the SMTP server.
    case smtpSession = "smtp-session"
    /// Content lines, as they come behind DATA and as they are sent.
    case smtpContent = "smtp-content"
    /// Replies of a next hop, cut anywhere.
    case smtpReply = "smtp-reply"
    /// A server's side of sessions with the SMTP client.
    case smtpClient = "smtp-client"
    /// Paths, mailboxes, addresses, ESMTP parameters.
    case address
    /// The header section of a message, with edits and without.
    case header
    /// The MIME tree of a message, and its bodies decoded.
    case mime
    /// Encoded words in a field's value.
    case encodedWord = "encoded-word"
    /// SPF records, read by our grammar and judged by libspf2.
    case spfRecord = "spf-record"
    /// The tag-lists of DKIM.
    case dkimTags = "dkim-tags"
    /// A file of rules, used on a message.
    case ruleFile = "rule-file"
    /// The server's configuration.
    case configuration
    case zoneFile = "zone-file"
    /// Start-up with any journal.
    case journal
    /// A packet of an MTA: what can be read can be written, and reads the same again.
    case milterCommand = "milter-command"
    /// A packet of a filter, likewise.
    case milterReply = "milter-reply"
    /// A dialogue with the milter server: the policy is called in order, and each step answered as agreed on.
    case milterSession = "milter-session"
    /// Packets between the relay and its workers, both ways.
    case workerProtocol = "worker-protocol"

    package func run(_ octets: [UInt8]) {
        switch self {
        case .smtpCommand: SMTPCommandFuzz.run(octets)
        case .smtpSession: SMTPSessionFuzz.run(octets)
        case .smtpContent: SMTPContentFuzz.run(octets)
        case .smtpReply: SMTPReplyFuzz.run(octets)
        case .smtpClient: SMTPClientFuzz.run(octets)
        case .address: AddressFuzz.run(octets)
        case .header: HeaderFuzz.run(octets)
        case .mime: MIMEFuzz.run(octets)
        case .encodedWord: EncodedWordFuzz.run(octets)
        case .spfRecord: SPFRecordFuzz.run(octets)
        case .dkimTags: DKIMTagsFuzz.run(octets)
        case .ruleFile: RuleFileFuzz.run(octets)
        case .configuration: ConfigurationFuzz.run(octets)
        case .zoneFile: ZoneFileFuzz.run(octets)
        case .journal: JournalFuzz.run(octets)
        case .milterCommand: MilterPacketFuzz.command(octets)
        case .milterReply: MilterPacketFuzz.reply(octets)
        case .milterSession: MilterSessionFuzz.run(octets)
        case .workerProtocol: WorkerProtocolFuzz.run(octets)
        }
    }

    /// Inputs to begin with, so that a run need not find the form of a packet by itself.
    package var seeds: [[UInt8]] {
        switch self {
        case .smtpCommand: SMTPCommandFuzz.seeds
        case .smtpSession: SMTPSessionFuzz.seeds
        case .smtpContent: SMTPContentFuzz.seeds
        case .smtpReply: SMTPReplyFuzz.seeds
        case .smtpClient: SMTPClientFuzz.seeds
        case .address: AddressFuzz.seeds
        case .header: HeaderFuzz.seeds
        case .mime: MIMEFuzz.seeds
        case .encodedWord: EncodedWordFuzz.seeds
        case .spfRecord: SPFRecordFuzz.seeds
        case .dkimTags: DKIMTagsFuzz.seeds
        case .ruleFile: RuleFileFuzz.seeds
        case .configuration: ConfigurationFuzz.seeds
        case .zoneFile: ZoneFileFuzz.seeds
        case .journal: JournalFuzz.seeds
        case .milterCommand: MilterPacketFuzz.commandSeeds
        case .milterReply: MilterPacketFuzz.replySeeds
        case .milterSession: MilterSessionFuzz.seeds
        case .workerProtocol: WorkerProtocolFuzz.seeds
        }
    }
}
