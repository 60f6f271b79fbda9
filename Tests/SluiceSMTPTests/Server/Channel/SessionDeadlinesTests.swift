// SPDX-License-Identifier: Apache-2.0
import NIOCore
import Testing

@testable import SluiceSMTP

@Suite("Session deadlines")
struct SessionDeadlinesTests {
    private let start = NIODeadline.uptimeNanoseconds(1_000_000_000)
    private let limits = SMTPServerLimits(commandTimeout: .seconds(10), transactionTimeout: .seconds(15))

    @Test("a command's time begins anew with each, a transaction's only once")
    func times() {
        var deadlines = SessionDeadlines(limits: limits)
        #expect(deadlines.next == nil)
        deadlines.progressed(at: start, isInTransaction: false)
        #expect(deadlines.next == start + .seconds(10))
        deadlines.progressed(at: start + .seconds(5), isInTransaction: true)
        #expect(deadlines.next == start + .seconds(15))
        deadlines.progressed(at: start + .seconds(12), isInTransaction: true)
        #expect(deadlines.next == start + .seconds(20))
        #expect(!deadlines.hasPassed(at: start + .seconds(19)))
        #expect(deadlines.hasPassed(at: start + .seconds(20)))
        deadlines.progressed(at: start + .seconds(19), isInTransaction: false)
        #expect(deadlines.next == start + .seconds(29))
    }

    @Test("while it is our turn no time is up")
    func suspended() {
        var deadlines = SessionDeadlines(limits: limits)
        deadlines.progressed(at: start, isInTransaction: true)
        deadlines.suspended()
        #expect(deadlines.next == nil)
        #expect(!deadlines.hasPassed(at: start + .hours(1)))
        deadlines.progressed(at: start + .seconds(14), isInTransaction: true)
        #expect(deadlines.next == start + .seconds(15))
    }
}
