// SPDX-License-Identifier: Apache-2.0
import NIOCore
import SluiceCore
import SluiceQueue
import Synchronization

/// A mail transaction whose content has come whole: what is handed to the task that decides about it.
struct ReceptionTransaction: Sendable {
    enum Content: Sendable {
        /// With what it takes of the memory for content, which comes back when the transaction is over.
        case memory(ByteBuffer, ContentMemory.Share?)
        case staged(StagedContent)

        func source() throws -> any ContentSource {
            switch self {
            case .memory(let buffer, _): MemoryContent(buffer)
            case .staged(let staged): try staged.source()
            }
        }

        var length: Int {
            switch self {
            case .memory(let buffer, _): buffer.readableBytes
            case .staged(let staged): staged.length
            }
        }

        /// Drops what was kept on disk.
        func discard() {
            if case .staged(let staged) = self { staged.discard() }
        }
    }

    let id: String
    /// What was in force when it began.
    let settings: ServerSettings
    let listener: ListenerConfiguration
    let client: ClientInfo
    let isTrusted: Bool
    let envelope: Envelope
    let content: Content
    let presence: ClientPresence
    let answer: Answer

    var configuration: ServerConfiguration { settings.configuration }

    /// Who waits for what was decided.
    enum Answer: Sendable {
        /// The client itself.
        case client(EventLoopPromise<Reply>)
        /// An MTA that asks about a message of its client's.
        case mta(MilterExchange)
    }

    /// Whether the message gets a Received field of ours whatever becomes of it: an MTA adds its own.
    var addsReceived: Bool {
        switch answer {
        case .client: true
        case .mta: false
        }
    }

    /// Whether a client is known: an MTA's own command line has none.
    var hasClientAddress: Bool {
        switch answer {
        case .client: true
        case .mta(let exchange): exchange.hasClientAddress
        }
    }

    /// Whether to decide takes no longer than a change of threads, there and back: a small message that we are asked about.
    /// One that we take waits for the disk anyway.
    var isShort: Bool {
        switch (answer, content) {
        case (.mta, .memory(let octets, _)): octets.readableBytes <= 16384
        case (.mta, .staged), (.client, _): false
        }
    }

    /// What the record says of the MTA; `nil` where the client was told itself.
    func mta(_ answer: MTAReturn.Answer, notes: [String] = []) -> MTAReturn? {
        switch self.answer {
        case .client: nil
        case .mta(let exchange):
            MTAReturn(queueID: exchange.queueID, daemon: exchange.daemon, answer: answer, notes: notes)
        }
    }
}

/// Whether the client of a transaction is still there: one that has gone before the commit begins leaves no message.
final class ClientPresence: Sendable {
    private let isGone = Mutex(false)

    func clientHasGone() { isGone.withLock { $0 = true } }
    var isPresent: Bool { isGone.withLock { !$0 } }
}
