// SPDX-License-Identifier: Apache-2.0
import NIOCore
import SluiceCore
import SluiceNative
import SluiceQueue
import Synchronization

/// What was taken over within the last day, so that a message which comes again is not held twice: after our answer
/// another milter or a full disk may have refused it, and its client does not know that we have it.
final class HeldMessages: Sendable {
    private struct Entry {
        var messageID: String
        var recipients: Set<Mailbox>
        var time: Timestamp
    }
    private struct State {
        var entries: [[UInt8]: Entry] = [:]
        /// The digests in the order in which they came.
        var order: [[UInt8]] = []
        var first = 0
        /// What is being committed just now.
        var underWay: Set<[UInt8]> = []
    }

    private let state = Mutex(State())
    private let limit: Int
    private static let memory = Duration.seconds(86400)

    /// - Parameter limit: past so many the oldest is forgotten.
    init(limit: Int = 20_000) { self.limit = limit }

    /// Takes in what is held since an earlier start.
    func add(_ items: [QueueItem]) {
        for item in items.sorted(by: { $0.acceptedAt < $1.acceptedAt }) {
            guard let origin = item.origin, !origin.digest.isEmpty else { continue }
            let held = item.recipients.filter { $0.state.name == .quarantined }.map(\.mailbox)
            if !held.isEmpty { add(origin.digest, item.messageID, heldFor: held, at: item.acceptedAt) }
        }
    }

    func add(_ digest: [UInt8], _ messageID: String, heldFor recipients: [Mailbox], at time: Timestamp) {
        state.withLock { state in
            if state.entries[digest] == nil { state.order.append(digest) }
            let known = state.entries[digest]?.recipients ?? []
            state.entries[digest] = Entry(
                messageID: messageID, recipients: known.union(recipients), time: time)
            while state.order.count - state.first > limit {
                state.entries[state.order[state.first]] = nil
                state.first += 1
            }
            if state.first > limit {
                state.order.removeFirst(state.first)
                state.first = 0
            }
        }
    }

    /// Begins to hold a message; `false` where the same one is being committed just now, for another copy of it.
    func begin(_ digest: [UInt8]) -> Bool { state.withLock { $0.underWay.insert(digest).inserted } }

    /// It was committed, or could not be.
    func end(_ digest: [UInt8]) { state.withLock { _ = $0.underWay.remove(digest) } }

    /// The id of the message that is held for these recipients already.
    func message(_ digest: [UInt8], holdsFor recipients: [Mailbox], at now: Timestamp) -> String? {
        state.withLock { state in
            guard let entry = state.entries[digest], now < entry.time + Self.memory,
                entry.recipients.isSuperset(of: recipients)
            else { return nil }
            return entry.messageID
        }
    }

    /// SHA-256 over reverse-path, recipients in a fixed order, and the content's octets.
    ///
    /// - Throws: ``StorageError`` where the content can't be read.
    static func digest(_ envelope: Envelope, _ content: any ContentSource) throws -> [UInt8] {
        var digest = SHA256Digest()
        // A NUL stands in no path, so that two envelopes never read alike.
        let paths = [envelope.reversePath.written] + envelope.recipients.map(\.written).sorted()
        digest.update(Array((paths.joined(separator: "\0") + "\0\0").utf8))
        var offset = 0
        while offset < content.length {
            let chunk = try content.read(at: offset, count: 65536)
            if chunk.readableBytes == 0 { break }
            offset += chunk.readableBytes
            digest.update(chunk)
        }
        return digest.finish()
    }
}
