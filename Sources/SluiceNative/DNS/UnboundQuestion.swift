// SPDX-License-Identifier: Apache-2.0
import SluiceCore

/// A question under way. Touched by the loop's thread only, once it has been handed over.
final class UnboundQuestion {
    let id: UInt64
    let question: DNSQuestion
    let deadline: ContinuousClock.Instant
    /// libunbound's id, while it works on the question.
    var unboundID: Int32?
    private(set) var answer: DNSAnswer?
    private let finish: CheckedContinuation<DNSAnswer, Never>
    /// Told when libunbound has answered.
    var whenAnswered: ((UnboundQuestion) -> Void)?

    init(
        id: UInt64, question: DNSQuestion, deadline: ContinuousClock.Instant,
        finish: CheckedContinuation<DNSAnswer, Never>
    ) {
        self.id = id
        self.question = question
        self.deadline = deadline
        self.finish = finish
    }

    /// libunbound's callback has come; `nil` is an answer that could not be had.
    func answered(_ answer: DNSAnswer?) {
        resume(answer ?? DNSAnswer(.serverFailure))
        whenAnswered?(self)
    }

    /// Gives the caller the answer; only the first one counts.
    func resume(_ answer: DNSAnswer) {
        guard self.answer == nil else { return }
        self.answer = answer
        finish.resume(returning: answer)
    }
}
