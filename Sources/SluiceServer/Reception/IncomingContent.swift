// SPDX-License-Identifier: Apache-2.0
import NIOCore
import SluiceNative
import SluiceQueue

/// The content of one transaction as it comes: in memory, and past a limit in a file of the journal's. Lives on the
/// session's event loop.
final class IncomingContent {
    /// How many octets are gathered in memory before they go to the file.
    private static let gathered = 64 << 10

    private let reception: Reception
    private let eventLoop: any EventLoop
    private var memory = ByteBuffer()
    private var staged: StagedContent?
    private var isOver = false
    /// What it has of the memory for content; goes along with what is handed over.
    private var share: ContentMemory.Share?

    init(_ reception: Reception, eventLoop: any EventLoop) {
        self.reception = reception
        share = ContentMemory.Share(reception.contentMemory)
        self.eventLoop = eventLoop
    }

    /// Adds octets that must stay few: they stand in memory whatever the limit says.
    func appendInMemory(_ body: (inout ByteBuffer) -> Void) {
        let before = memory.readableBytes
        body(&memory)
        share?.take(memory.readableBytes - before)
    }

    /// Adds the next octets.
    ///
    /// - Returns: a future where the disk has to be waited for; one at a time.
    func append(_ chunk: ByteBuffer) -> EventLoopFuture<Void>? {
        if staged == nil, memory.readableBytes + chunk.readableBytes <= reception.inlineLimit,
            share?.grow(by: chunk.readableBytes) ?? false
        {
            memory.writeImmutableBuffer(chunk)
            return nil
        }
        let reception = reception
        if let staged {
            // A way to the disk's threads and back costs as much as writing what comes at once.
            var rest = chunk
            if share?.grow(by: chunk.readableBytes) ?? false {
                if staged.gather(chunk) < Self.gathered { return nil }
                rest = ByteBuffer()
            }
            share?.release()
            let last = rest
            return onDisk { try staged.append(last) }
        }
        let memory = memory
        self.memory = ByteBuffer()
        share?.release()
        let opened = onDisk {
            let staged = try reception.queue.stageContent()
            try staged.append(memory)
            try staged.append(chunk)
            return staged
        }
        return opened.assumeIsolated().map { staged in
            if self.isOver { staged.discard() } else { self.staged = staged }
        }.nonisolated()
    }

    private func onDisk<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) -> EventLoopFuture<Value> {
        let promise = eventLoop.makePromise(of: Value.self)
        reception.disk.run(body) { promise.completeWith($0) }
        return promise.futureResult
    }

    /// Hands over what has come; nothing is added any more.
    func finish() -> ReceptionTransaction.Content {
        isOver = true
        defer {
            memory = ByteBuffer()
            staged = nil
            share = nil
        }
        return staged.map { .staged($0) } ?? .memory(memory, share)
    }

    /// Drops what has come, unless it was handed over.
    func discard() {
        isOver = true
        memory = ByteBuffer()
        share = nil
        staged?.discard()
        staged = nil
    }
}
