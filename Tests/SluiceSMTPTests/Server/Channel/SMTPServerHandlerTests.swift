// SPDX-License-Identifier: Apache-2.0
import NIOCore
import NIOEmbedded
import SluiceCore
import SluiceTesting
import Synchronization
import Testing

@testable import SluiceSMTP

@Suite("SMTP handler")
struct SMTPServerHandlerTests {
    private let begin = "EHLO a\r\nMAIL FROM:<a@b.test>\r\nRCPT TO:<c@d.test>\r\nDATA\r\n"

    @Test("replies to pipelined commands leave in one write (RFC 2920 §3.2)")
    func pipelining() throws {
        let session = try EmbeddedSession()
        #expect(try session.output().text == "220 mx.test ESMTP Sluice\r\n")
        try session.channel.writeInbound(ByteBuffer(string: begin))
        let output = try session.output()
        #expect(EmbeddedSession.codes(output.text) == [250, 250, 250, 354])
        #expect(output.writes == 1)
        #expect(try session.codes("Subject: a\r\n\r\nbody\r\n.\r\nQUIT\r\n") == [250, 221])
        #expect(session.log.messages.map(\.content) == ["Subject: a\r\n\r\nbody\r\n"])
        #expect(session.log.messages.first?.client.helo == "a")
        #expect(session.log.messages.first?.client.isExtended == true)
        #expect(session.channel.isActive == false)
        #expect(
            session.log.all == [
                "connected", "mail <a@b.test>", "recipient <c@d.test>", "data", "content ended", "session ended",
            ])
    }

    @Test("while the policy decides, nothing is read and pipelined commands wait")
    func backPressure() throws {
        let promise = Mutex<EventLoopPromise<Reply?>?>(nil)
        var answers = ScriptedPolicy.Answers()
        answers.recipient = { _, loop in
            let new = loop.makePromise(of: Reply?.self)
            promise.withLock { $0 = new }
            return .later(new.futureResult)
        }
        let session = try EmbeddedSession(answers: answers)
        let reads = ReadCounter()
        try session.channel.pipeline.syncOperations.addHandler(reads, position: .first)
        #expect(try session.codes(begin) == [220, 250, 250])
        let before = reads.count
        session.channel.read()
        session.channel.read()
        #expect(reads.count == before)
        promise.withLock { $0 }?.succeed(Reply(250, EnhancedStatusCode(2, 1, 5), "asked and found"))
        #expect(try session.output().text == "250 2.1.5 asked and found\r\n354 end the content with <CRLF>.<CRLF>\r\n")
        #expect(reads.count == before + 1)
    }

    @Test("a decision that fails is a 451, and the session goes on")
    func failedDecision() throws {
        struct Broken: Error {}
        var answers = ScriptedPolicy.Answers()
        answers.recipient = { _, loop in .later(loop.makeFailedFuture(Broken())) }
        let session = try EmbeddedSession(answers: answers)
        #expect(try session.codes(begin) == [220, 250, 250, 451, 554])
        answers.recipient = { _, _ in .accept }
        answers.message = { $0.makeFailedFuture(Broken()) }
        let other = try EmbeddedSession(answers: answers)
        #expect(try other.codes(begin + "a\r\n.\r\nNOOP\r\n") == [220, 250, 250, 250, 354, 451, 250])
    }

    @Test("content is handed over with back-pressure; where it can't be kept the rest is dropped and 451 answers")
    func chunks() throws {
        struct DiskFull: Error {}
        let count = Mutex(0)
        let promise = Mutex<EventLoopPromise<Void>?>(nil)
        var answers = ScriptedPolicy.Answers()
        answers.chunk = { _, loop in
            count.withLock { $0 += 1 }
            let new = loop.makePromise(of: Void.self)
            promise.withLock { $0 = new }
            return new.futureResult
        }
        let session = try EmbeddedSession(answers: answers)
        try session.send(begin)
        try session.send("one\r\n")
        try session.send("two\r\n")
        #expect(count.withLock { $0 } == 1)
        promise.withLock { $0 }?.succeed()
        #expect(count.withLock { $0 } == 2)
        promise.withLock { $0 }?.fail(DiskFull())
        #expect(try session.codes("three\r\n.\r\nNOOP\r\n") == [451, 250])
        #expect(count.withLock { $0 } == 2)
        #expect(session.log.all.last == "refused 451")
    }

    @Test("a client that goes while its message is decided is told of before anything else")
    func clientGone() throws {
        let promise = Mutex<EventLoopPromise<Reply>?>(nil)
        var answers = ScriptedPolicy.Answers()
        answers.message = { loop in
            let new = loop.makePromise(of: Reply.self)
            promise.withLock { $0 = new }
            return new.futureResult
        }
        let session = try EmbeddedSession(answers: answers)
        try session.send(begin + "a\r\n.\r\n")
        try session.channel.close().wait()
        #expect(session.log.all.suffix(3) == ["content ended", "client gone", "session ended"])
        // The answer comes too late for anyone.
        promise.withLock { $0 }?.succeed(Reply(250, nil, "kept"))
        #expect(try session.output().text == "")
    }

    @Test("a command takes its time-out, and half a command does not put it off")
    func commandTimeout() throws {
        let session = try EmbeddedSession(limits: SMTPServerLimits(commandTimeout: .seconds(10)))
        try session.send("EHLO a\r\n")
        session.channel.embeddedEventLoop.advanceTime(by: .seconds(8))
        #expect(try session.codes("NOOP\r\n") == [250])
        session.channel.embeddedEventLoop.advanceTime(by: .seconds(8))
        #expect(session.channel.isActive)
        #expect(try session.send("NO") == "")
        session.channel.embeddedEventLoop.advanceTime(by: .seconds(3))
        #expect(EmbeddedSession.codes(try session.output().text) == [421])
        #expect(!session.channel.isActive)
    }

    @Test("a transaction takes its time-out, however busy the client looks")
    func transactionTimeout() throws {
        let limits = SMTPServerLimits(commandTimeout: .seconds(10), transactionTimeout: .seconds(60))
        let session = try EmbeddedSession(limits: limits)
        try session.send(begin)
        for _ in 0..<11 {
            session.channel.embeddedEventLoop.advanceTime(by: .seconds(5))
            #expect(try session.send("drip\r\n") == "")
        }
        session.channel.embeddedEventLoop.advanceTime(by: .seconds(6))
        #expect(EmbeddedSession.codes(try session.output().text) == [421])
        #expect(session.log.all.suffix(2) == ["refused 421", "session ended"])
    }

    @Test("no time of the client's runs while we let it wait")
    func noTimeoutWhileWaiting() throws {
        let promise = Mutex<EventLoopPromise<Reply>?>(nil)
        var answers = ScriptedPolicy.Answers()
        answers.message = { loop in
            let new = loop.makePromise(of: Reply.self)
            promise.withLock { $0 = new }
            return new.futureResult
        }
        let limits = SMTPServerLimits(commandTimeout: .seconds(10), transactionTimeout: .seconds(60))
        let session = try EmbeddedSession(limits: limits, answers: answers)
        try session.send(begin + "a\r\n.\r\n")
        session.channel.embeddedEventLoop.advanceTime(by: .seconds(300))
        #expect(session.channel.isActive)
        promise.withLock { $0 }?.succeed(Reply(250, nil, "kept"))
        #expect(EmbeddedSession.codes(try session.output().text) == [250])
        session.channel.embeddedEventLoop.advanceTime(by: .seconds(9))
        #expect(session.channel.isActive)
        session.channel.embeddedEventLoop.advanceTime(by: .seconds(2))
        #expect(!session.channel.isActive)
    }

    @Test("too many errors: 421, then what still comes is dropped, then the connection closes")
    func draining() throws {
        let session = try EmbeddedSession(limits: SMTPServerLimits(errors: 1))
        #expect(try session.codes("X\r\nX\r\nNOOP\r\n") == [220, 500, 421])
        #expect(try session.send("NOOP\r\n") == "")
        #expect(session.channel.isActive)
        session.channel.embeddedEventLoop.advanceTime(by: .seconds(2))
        #expect(!session.channel.isActive)
    }

    @Test("at shutdown an idle session is closed, one in a transaction ends it first")
    func shutdown() throws {
        let idle = try EmbeddedSession()
        try idle.send("EHLO a\r\n")
        idle.channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
        #expect(try idle.output().text == "421 4.3.2 shutting down\r\n")
        let busy = try EmbeddedSession()
        try busy.send(begin)
        busy.channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
        #expect(try busy.output().text == "")
        #expect(try busy.codes("a\r\n.\r\nNOOP\r\n") == [250, 421])
        #expect(busy.log.messages.count == 1)
    }

    @Test("a refused greeting takes no command")
    func refusedGreeting() throws {
        var answers = ScriptedPolicy.Answers()
        answers.connected = { _ in .refuse(Reply(554, EnhancedStatusCode(5, 7, 1), "no")) }
        let session = try EmbeddedSession(answers: answers)
        #expect(try session.codes("EHLO a\r\n") == [554])
    }

    @Test("smuggled commands are never carried out")
    func smuggling() throws {
        for separator in ["\n.\n", "\n.\r\n", "\r\n.\n", "\r.\r", "\r\n.\r", "\r.\r\n", "\r\n\0.\r\n"] {
            let session = try EmbeddedSession()
            let content = "body\(separator)MAIL FROM:<evil@b.test>\r\nRCPT TO:<x@d.test>\r\nDATA\r\nevil\r\n.\r\n"
            #expect(try session.codes(begin + content + "NOOP\r\n") == [220, 250, 250, 250, 354, 554, 250])
            #expect(session.log.messages.isEmpty)
            #expect(!session.log.all.contains { $0.contains("evil") })
        }
    }
}

/// Counts the reads that come through.
private final class ReadCounter: ChannelOutboundHandler {
    typealias OutboundIn = ByteBuffer
    var count = 0

    func read(context: ChannelHandlerContext) {
        count += 1
        context.read()
    }
}
