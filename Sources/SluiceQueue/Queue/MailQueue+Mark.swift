// SPDX-License-Identifier: Apache-2.0
import Foundation
import SluiceCore
import Synchronization

/// The files that hold the queue and its ledger as they were at one moment: what a backup copies.
package struct QueueMark: Sendable {
    package struct File: Hashable, Sendable {
        /// Its path in the state directory.
        package var path: String
        /// The octets of it that count; `nil` is all.
        package var length: Int64?
        /// Whether nothing is written to it any more.
        package var isEnded: Bool
    }

    package var files: [File]
    /// How many records the ledger has, and the hash of the last in hexadecimal.
    package var ledger: (length: UInt64, head: String)
}

extension MailQueue {
    /// Begins a segment, which then says all that is alive, and names the files that hold it. Whatever is accepted or
    /// becomes of it later stands behind their marked lengths.
    ///
    /// The files stay as they are until ``maintain(now:ledgerKeptUntil:)`` is called next: the caller sees to it that it is
    /// not under way, nor called before the files are copied.
    /// - Parameter also: is called at the same moment, between two commits; it must be quick.
    package func mark<Value: Sendable>(
        also: @escaping @Sendable () -> Value
    ) async throws(JournalError) -> (QueueMark, Value) {
        try await onJournal { [self] (writer) throws(StorageError) in
            try writer.beginSegment()
            let value = also()
            var files: [QueueMark.File] = []
            for (number, end) in writer.ends.sorted(by: { $0.key < $1.key }) where end > 0 {
                files.append(.init(path: "journal/" + SegmentName.of(number), length: end, isEnded: true))
            }
            if let current = writer.current {
                let path = "journal/" + SegmentName.of(current.number)
                files.append(.init(path: path, length: current.end, isEnded: false))
            }
            let ledgerFiles = ledger.files.map { ($0.path as NSString).lastPathComponent }
            for (index, name) in ledgerFiles.enumerated() {
                files.append(.init(path: "ledger/" + name, length: nil, isEnded: index + 1 < ledgerFiles.count))
            }
            let content = live.table.withLock { table in
                table.messages.values.compactMap { message -> String? in
                    if case .file(let name) = message.stored.content.place { name } else { nil }
                }
            }
            files += content.sorted().map { .init(path: "content/" + $0, length: nil, isEnded: true) }
            return (QueueMark(files: files, ledger: ledgerWitness()), value)
        }
    }
}
