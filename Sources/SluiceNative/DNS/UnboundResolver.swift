// SPDX-License-Identifier: Apache-2.0
package import SluiceCore

/// Asks the DNS by libunbound: cached, asynchronous, with a deadline of ours. No thread waits for one answer.
///
/// A name that no DNS message can hold does not exist: it is answered with a name error, and nobody is asked.
package final class UnboundResolver: Resolver {
    private let loop: UnboundLoop

    /// - Throws: ``UnboundError`` where a forwarder or a file can't be used.
    package init(_ configuration: Configuration = Configuration()) throws(UnboundError) {
        loop = try UnboundLoop(configuration)
        loop.start()
    }

    deinit { loop.stop() }

    package func resolve(_ question: DNSQuestion) async -> DNSAnswer {
        guard WireRecord.isName(question.name) else { return DNSAnswer(.nameError) }
        let id = loop.newID()
        return await withTaskCancellationHandler {
            await withCheckedContinuation { loop.ask(id, question, $0) }
        } onCancel: {
            loop.cancel(id)
        }
    }

    /// Ends what is under way with a server failure, and libunbound with it. Later questions fail at once.
    package func shutdown() async {
        loop.stop()
        await loop.waitForEnd()
    }
}
