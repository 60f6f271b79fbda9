// SPDX-License-Identifier: Apache-2.0
import SluiceCore
import SluiceTesting
import Testing

@testable import SluiceQueue

@Suite("The oldest of the queue") struct OldestTests {
    @Test("is told by state, goes by the acceptance of the message, and is nobody where the state is empty")
    func byState() async throws {
        let fixture = QueueFixture()
        let queue = try fixture.open()
        #expect(queue.oldest() == [:])
        let start = fixture.time.now
        let first = try await queue.commit(Sample.submission("one", .queued, .quarantined(reason: "spam")))[0]
        fixture.time.advance(by: .seconds(60))
        let second = try await queue.commit(Sample.submission("two", .queued, .held))[0]
        #expect(queue.oldest() == [.queued: start, .quarantined: start, .held: start + .seconds(60)])
        try await queue.change(first, 0, to: .delivered)
        #expect(queue.oldest()[.queued] == start + .seconds(60), "who is delivered waits no longer")
        try await queue.change(second, 0, to: .bounced)
        #expect(queue.oldest() == [.quarantined: start, .held: start + .seconds(60)])
    }
}
