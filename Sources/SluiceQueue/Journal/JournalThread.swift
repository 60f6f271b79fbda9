// SPDX-License-Identifier: Apache-2.0
import Dispatch
import Foundation
import Synchronization

/// The journal's own thread: it takes everything that waits, writes it with one sync, and takes what has come since.
final class JournalThread: Sendable {
    enum Request: Sendable {
        case transaction(TransactionRequest)
        /// Work that needs the journal between two batches.
        case work(@Sendable (inout JournalWriter) -> Void)
    }

    private struct State {
        var waiting: [Request] = []
        var isClosed = false
    }

    private let state = Mutex(State())
    private let writer: Mutex<JournalWriter>
    private let signal = DispatchSemaphore(value: 0)
    private let limit: Int

    /// One batch takes no more octets than this.
    private static let batchOctets = 16 << 20

    /// - Parameter limit: how many requests may wait.
    init(_ writer: JournalWriter, limit: Int) {
        self.writer = Mutex(writer)
        self.limit = limit
        let thread = Thread { [weak self, signal] in
            while true {
                signal.wait()
                guard let self, self.run() else { return }
            }
        }
        thread.name = "sluice-journal"
        thread.start()
    }

    deinit { signal.signal() }

    /// Lines up a request.
    ///
    /// - Returns: why it is not, if it is not.
    func submit(_ request: Request) -> JournalError? {
        let (error, isFirst) = state.withLock { state -> (JournalError?, Bool) in
            if state.isClosed { return (.closed, false) }
            if case .transaction = request, state.waiting.count >= limit { return (.overloaded, false) }
            state.waiting.append(request)
            return (nil, state.waiting.count == 1)
        }
        if isFirst { signal.signal() }
        return error
    }

    /// Takes no more; what waits is still done.
    func close() { state.withLock { $0.isClosed = true } }

    /// Does what waits.
    ///
    /// - Returns: whether there may be more.
    private func run() -> Bool {
        let requests = state.withLock { state in
            defer { state.waiting = [] }
            return state.waiting
        }
        writer.withLock { writer in
            var batch: [TransactionRequest] = []
            var octets = 0
            func write() {
                if !batch.isEmpty { writer.write(batch) }
                batch = []
                octets = 0
            }
            for request in requests {
                switch request {
                case .transaction(let transaction):
                    if octets + transaction.octets > Self.batchOctets { write() }
                    batch.append(transaction)
                    octets += transaction.octets
                case .work(let work):
                    write()
                    work(&writer)
                }
            }
            write()
        }
        return state.withLock { !($0.isClosed && $0.waiting.isEmpty) }
    }
}
