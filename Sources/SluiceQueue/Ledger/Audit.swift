// SPDX-License-Identifier: Apache-2.0
import SluiceCore

/// Adds up the account: fed with the ledger, record by record, then with the live queue. It reads nothing itself.
struct Audit {
    private struct Open {
        var state: RecipientStep.State
        var isCounted: Bool
    }

    private var account: Account
    private var head: LedgerHead?
    /// Whether the chain was read from its first record on.
    private var isWhole = true
    private var open: [RecipientKey: Open] = [:]
    private var lastMessage: UInt64?

    init(since: Timestamp?) { account = Account(since: since) }

    /// What the chain reaches so far.
    var length: UInt64 { head?.length ?? 0 }

    /// The chain begins behind this head: the oldest file of the ledger says so.
    mutating func begin(after head: LedgerHead) {
        guard self.head == nil else { return }
        self.head = head
        isWhole = head.length == 0
    }

    mutating func add(_ link: LedgerLink) {
        let record = link.record
        var head = head ?? LedgerHead()
        guard record.sequence > head.length else { return }  // a file and a segment may both have it
        let missing = record.sequence - head.length - 1
        if missing > 0 {
            breakChain("records \(head.length + 1) to \(record.sequence - 1) are missing")
            account.unaccounted += Int(clamping: missing)
        } else if LedgerHash(of: link.encoded, after: head.hash) != link.hash {
            breakChain("record \(record.sequence) does not follow from the one before it")
        }
        head = LedgerHead(length: record.sequence, hash: link.hash)
        self.head = head
        if record.isAcceptance { accept(record) } else { change(record) }
    }

    private mutating func accept(_ record: LedgerRecord) {
        let key = RecipientKey(item: record.item, recipient: Int(record.recipient))
        let isCounted = account.since.map { record.time >= $0 } ?? true
        if isCounted && record.message != lastMessage { account.accepted += 1 }
        lastMessage = record.message
        if open[key] != nil {
            account.unaccounted += 1
        } else if !record.state.isFinal {
            open[key] = Open(state: record.state, isCounted: isCounted)
        } else if isCounted {
            account.count(record.state)
        }
    }

    private mutating func change(_ record: LedgerRecord) {
        let key = RecipientKey(item: record.item, recipient: Int(record.recipient))
        guard let known = open[key] else {
            // Where the beginning of the chain is past its time, so may be the acceptance.
            if isWhole { account.unaccounted += 1 }
            return
        }
        if record.state.isFinal {
            open[key] = nil
            if known.isCounted { account.count(record.state) }
        } else {
            open[key]?.state = record.state
        }
    }

    /// Something of the chain can't be read.
    mutating func damaged(_ what: String) { breakChain(what) }

    private mutating func breakChain(_ where: String) {
        if account.chain == .intact { account.chain = .broken(`where`) }
    }

    /// Compares with the queue.
    ///
    /// - Parameters:
    ///   - live: the recipients in the queue that are not in a final state.
    ///   - acceptedAt: when a live item was accepted.
    ///   - head: the last record, as the journal has it.
    mutating func finish(
        live: [RecipientKey: RecipientStep.State], acceptedAt: (QueueID) -> Timestamp?, head: LedgerHead
    ) -> Account {
        let read = self.head ?? LedgerHead()
        if read.length < head.length {
            breakChain("records \(read.length + 1) to \(head.length) are missing")
            account.unaccounted += Int(clamping: head.length - read.length)
        } else if read != head {
            breakChain("the journal's head, record \(head.length), is another one")
        }
        for (key, known) in open where known.isCounted || live[key] != known.state {
            if live[key] == known.state { account.count(known.state) } else { account.unaccounted += 1 }
        }
        for (key, state) in live where open[key] == nil {
            if isWhole {
                account.unaccounted += 1
            } else if account.since.map({ since in acceptedAt(key.item).map { $0 >= since } ?? true }) ?? true {
                account.count(state)
            }
        }
        return account
    }
}
