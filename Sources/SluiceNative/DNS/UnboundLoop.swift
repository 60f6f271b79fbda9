// SPDX-License-Identifier: Apache-2.0
import Foundation
import Glibc
import SluiceCore
import Synchronization

/// The one thread that talks to libunbound, for all questions: it hands them over, takes answers, and keeps deadlines.
///
/// `@unchecked Sendable`: everything outside the mutex is touched by the loop's own thread only, once ``start()`` was
/// called; libunbound's callbacks run on that thread too, within `ub_process`. So no callback can come after the context
/// has gone: the same thread deletes it, as the last thing it does.
final class UnboundLoop: @unchecked Sendable {
    private enum Command {
        case ask(UnboundQuestion)
        case cancel(UInt64)
    }

    private struct Inbox {
        var commands: [Command] = []
        var underWay = 0
        var nextID: UInt64 = 0
        var isStopping = false
    }

    private let inbox = Mutex(Inbox())
    private let wakeUp: EventDescriptor
    private let ended = ThreadEnd()
    private let deadline: Duration
    private let questionLimit: Int

    private var context: UnboundContext?
    private var underWay: [UInt64: UnboundQuestion] = [:]
    /// In the order of their deadlines, as all have the same duration.
    private var byDeadline: [UnboundQuestion] = []
    private var firstDeadline = 0

    init(_ configuration: UnboundResolver.Configuration) throws(UnboundError) {
        context = try UnboundContext(configuration)
        deadline = configuration.deadline
        questionLimit = configuration.questionLimit
        guard let wakeUp = EventDescriptor() else {
            throw UnboundError(subject: "eventfd", meaning: String(cString: strerror(errno)))
        }
        self.wakeUp = wakeUp
    }

    func start() {
        let thread = Thread { [self] in run() }
        thread.name = "sluice-dns"
        thread.start()
    }

    // MARK: Called from anywhere

    func newID() -> UInt64 {
        inbox.withLock { inbox in
            inbox.nextID += 1
            return inbox.nextID
        }
    }

    func ask(_ id: UInt64, _ question: DNSQuestion, _ finish: CheckedContinuation<DNSAnswer, Never>) {
        let refusal = inbox.withLock { inbox -> DNSAnswer? in
            guard !inbox.isStopping, inbox.underWay < questionLimit else { return DNSAnswer(.serverFailure) }
            // A cancellation sets the task's flag before it calls its handler, which takes this lock: either it is seen
            // here, or the handler finds the question.
            guard !Task.isCancelled else { return DNSAnswer(.timedOut) }
            inbox.underWay += 1
            inbox.commands.append(
                .ask(UnboundQuestion(id: id, question: question, deadline: .now + deadline, finish: finish)))
            return nil
        }
        if let refusal { finish.resume(returning: refusal) } else { wakeUp.signal() }
    }

    func cancel(_ id: UInt64) {
        inbox.withLock { $0.commands.append(.cancel(id)) }
        wakeUp.signal()
    }

    func stop() {
        inbox.withLock { $0.isStopping = true }
        wakeUp.signal()
    }

    func waitForEnd() async { await ended.wait() }

    // MARK: The loop's thread

    private func run() {
        while true {
            let (commands, isStopping) = inbox.withLock { inbox in
                defer { inbox.commands = [] }
                return (inbox.commands, inbox.isStopping)
            }
            for command in commands {
                switch command {
                case .ask(let question): begin(question)
                case .cancel(let id): if let question = underWay[id] { abandon(question) }
                }
            }
            if isStopping { return end() }
            let wait = expire()
            var descriptors = [
                pollfd(fd: context?.descriptor ?? -1, events: Int16(POLLIN), revents: 0),
                wakeUp.waiting,
            ]
            _ = poll(&descriptors, 2, wait)
            if descriptors[1].revents != 0 { wakeUp.clear() }
            if descriptors[0].revents != 0 { process() }
        }
    }

    private func begin(_ question: UnboundQuestion) {
        guard let context else { return finish(question, DNSAnswer(.serverFailure)) }
        underWay[question.id] = question
        question.whenAnswered = { [unowned self] in forget($0) }
        do {
            question.unboundID = try context.ask(question)
            byDeadline.append(question)
        } catch {
            // libunbound could not take the question (no memory, a name that it can't read).
            finish(question, DNSAnswer(.serverFailure))
        }
    }

    private func process() {
        do { try context?.process() } catch {
            // The pipe to libunbound's thread is broken: nothing will be answered any more.
            for question in Array(underWay.values) { finish(question, DNSAnswer(.serverFailure)) }
            context = nil
        }
    }

    /// Ends the questions whose time is over; returns the milliseconds until the next one's is, -1 where there is none.
    private func expire() -> Int32 {
        let now = ContinuousClock.now
        while firstDeadline < byDeadline.count {
            let question = byDeadline[firstDeadline]
            if question.answer == nil, question.deadline > now {
                compact()
                return Int32(clamping: (question.deadline - now).wholeMilliseconds + 1)
            }
            abandon(question)
            firstDeadline += 1
        }
        compact()
        return -1
    }

    private func compact() {
        guard firstDeadline > 256, firstDeadline * 2 > byDeadline.count else { return }
        byDeadline.removeFirst(firstDeadline)
        firstDeadline = 0
    }

    private func abandon(_ question: UnboundQuestion) {
        guard question.answer == nil else { return }
        question.resume(DNSAnswer(.timedOut))
        // Where it can't be cancelled its callback is on its way: then the question is forgotten when it comes.
        if let id = question.unboundID, let context, !context.cancel(id) { return }
        forget(question)
    }

    private func finish(_ question: UnboundQuestion, _ answer: DNSAnswer) {
        question.resume(answer)
        forget(question)
    }

    private func forget(_ question: UnboundQuestion) {
        underWay[question.id] = nil
        question.whenAnswered = nil
        inbox.withLock { $0.underWay -= 1 }
    }

    private func end() {
        for question in underWay.values { question.resume(DNSAnswer(.serverFailure)) }
        context = nil
        underWay = [:]
        byDeadline = []
        ended.reached()
    }
}
