// SPDX-License-Identifier: Apache-2.0
import NIOCore
import NIOEmbedded
import Testing

@testable import SluiceMilter

@Suite("Milter handler")
struct MilterServerHandlerTests {
    private struct DiskFull: Error {}

    private let begin: [MilterCommand] = [.testConnect, .testHelo]

    @Test("a message in one read is answered in one write")
    func oneWrite() throws {
        let milter = try EmbeddedMilter()
        try milter.negotiate()
        try milter.send(begin + MilterCommand.testMessage)
        let output = try milter.output()
        #expect(output.replies == [.proceed, .proceed, .accept])
        #expect(output.writes == 1)
        #expect(milter.policy.body == ByteBuffer(string: "body"))
        try milter.send(.quit)
        #expect(!milter.channel.isActive)
        #expect(
            milter.policy.words == [
                "negotiated 6", "connect", "helo", "mail", "recipient", "data", "header", "endOfHeader", "piece",
                "message", "client ended", "connection ended",
            ])
        #expect(milter.log.lines == [])
    }

    @Test("a session cut into single octets goes the same way")
    func singleOctets() throws {
        let milter = try EmbeddedMilter()
        var octets = MilterCommand.negotiate(
            MilterOptions(version: 6, actions: .version6, steps: .version6)
        ).octets
        for command in begin + MilterCommand.testMessage { MilterCommandEncoder.encode(command, into: &octets) }
        for octet in octets.readableBytesView { try milter.channel.writeInbound(ByteBuffer(bytes: [octet])) }
        #expect(try milter.replies() == ["negotiate", "continue", "continue", "accept"])
        #expect(milter.policy.body == ByteBuffer(string: "body"))
    }

    @Test("while the policy takes a piece nothing is read and what came with it waits")
    func backPressure() throws {
        let milter = try EmbeddedMilter()
        try milter.negotiate()
        var promises: [EventLoopPromise<Void>] = []
        milter.policy.taken = { _ in
            let promise = milter.channel.eventLoop.makePromise(of: Void.self)
            promises.append(promise)
            return promise.futureResult
        }
        let reads = MilterReadCounter()
        try milter.channel.pipeline.syncOperations.addHandler(reads, position: .first)
        try milter.send(begin + MilterCommand.testMessage)
        let before = reads.count
        milter.channel.read()
        #expect(reads.count == before)
        #expect(try milter.replies() == ["continue", "continue"])
        #expect(milter.policy.words.last == "piece")
        promises.first?.succeed()
        #expect(try milter.replies() == ["accept"])
        #expect(reads.count > before)
    }

    @Test("a piece that can't be kept is a temporary failure at the end, with a line in the log")
    func lostPiece() throws {
        let milter = try EmbeddedMilter()
        try milter.negotiate()
        milter.policy.taken = { _ in milter.channel.eventLoop.makeFailedFuture(DiskFull()) }
        try milter.send(begin + MilterCommand.testMessage)
        #expect(try milter.replies() == ["continue", "continue", "tempfail"])
        #expect(milter.policy.words.last == "transaction ended")
        #expect(milter.log.lines == ["content can't be kept error=DiskFull()"])
    }

    @Test("an MTA that waits for the end is told of progress every five seconds")
    func progress() throws {
        let milter = try EmbeddedMilter()
        try milter.negotiate()
        let promise = milter.channel.eventLoop.makePromise(of: MilterConclusion.self)
        milter.policy.concluded = { promise.futureResult }
        try milter.send(begin + MilterCommand.testMessage)
        #expect(try milter.replies() == ["continue", "continue"])
        milter.advance(.milliseconds(4_999))
        #expect(try milter.replies() == [])
        milter.advance(.milliseconds(1))
        #expect(try milter.replies() == ["progress"])
        milter.advance(.seconds(600))
        #expect(try milter.replies().count == 120)
        promise.succeed(MilterConclusion(final: .discard))
        #expect(try milter.replies() == ["discard"])
        milter.advance(.seconds(60))
        #expect(try milter.replies() == [])
        #expect(milter.channel.isActive)
    }

    @Test("a decision that fails is a temporary failure, and the session goes on")
    func failedDecision() throws {
        let milter = try EmbeddedMilter()
        try milter.negotiate()
        milter.policy.concluded = { milter.channel.eventLoop.makeFailedFuture(DiskFull()) }
        try milter.send(begin + MilterCommand.testMessage)
        #expect(try milter.replies() == ["continue", "continue", "tempfail"])
        milter.policy.concluded = nil
        try milter.send(MilterCommand.testMessage)
        #expect(try milter.replies() == ["continue", "continue", "accept"])
        #expect(milter.log.lines == ["decision failed error=DiskFull()"])
    }

    @Test("an abort or quit is seen while the policy decides, and a late answer comes to nothing")
    func abortWhileDeciding() throws {
        for (end, word) in [(.abort, "transaction ended"), (.quitNewConnection, "client ended")]
            as [(MilterCommand, String)]
        {
            let milter = try EmbeddedMilter()
            try milter.negotiate()
            let promise = milter.channel.eventLoop.makePromise(of: MilterConclusion.self)
            milter.policy.concluded = { promise.futureResult }
            try milter.send(begin + MilterCommand.testMessage)
            _ = try milter.replies()
            try milter.send(end)
            #expect(milter.policy.words.last == word)
            milter.policy.concluded = nil
            try milter.send((end == .abort ? [] : begin) + MilterCommand.testMessage)
            #expect(try milter.replies() == ["continue", "continue", "accept"])
            promise.succeed(MilterConclusion(final: .reject))
            #expect(try milter.replies() == [])
        }
    }

    @Test("what an MTA sends before it has the answer waits for it")
    func pipelined() throws {
        let milter = try EmbeddedMilter()
        try milter.negotiate()
        let promise = milter.channel.eventLoop.makePromise(of: MilterConclusion.self)
        milter.policy.concluded = { promise.futureResult }
        try milter.send(begin + MilterCommand.testMessage + [.testMail, .testRecipient])
        #expect(try milter.replies() == ["continue", "continue"])
        promise.succeed(MilterConclusion(final: .accept))
        #expect(try milter.replies() == ["accept", "continue", "continue"])
    }

    @Test("a new body goes out in pieces before the answer")
    func newBody() throws {
        let milter = try EmbeddedMilter()
        try milter.negotiate()
        let body = ByteBuffer(repeating: 65, count: 200_000)
        milter.policy.concluded = {
            milter.channel.eventLoop.makeSucceededFuture(
                MilterConclusion(
                    modifications: [.addRecipient(ByteBuffer(string: "<a>")), .replaceBody(body)], final: .accept))
        }
        try milter.send(begin + MilterCommand.testMessage)
        let replies = try milter.output().replies
        #expect(
            replies.map(\.name) == ["continue", "continue", "add a recipient"]
                + Array(repeating: "replace the body", count: 4) + ["accept"])
        var whole = ByteBuffer()
        for case .replaceBody(let piece) in replies { whole.writeImmutableBuffer(piece) }
        #expect(whole == body)
    }

    @Test("the same macros before every field are read once")
    func repeatedMacros() throws {
        let milter = try EmbeddedMilter()
        try milter.negotiate()
        try milter.send(begin + [.testMail])
        for id in ["1", "1", "2"] { try milter.send(.testMacros("L", ["i": id]), .testHeader) }
        try milter.send(.endOfHeader)
        #expect(milter.policy.macros["i"] == "2")
        try milter.send(.abort, .testMail, .testMacros("L", ["i": "2"]), .testHeader, .endOfHeader)
        #expect(milter.policy.macros["i"] == "2")
    }
}

/// Counts the reads that come through.
final class MilterReadCounter: ChannelOutboundHandler {
    typealias OutboundIn = ByteBuffer
    var count = 0

    func read(context: ChannelHandlerContext) {
        count += 1
        context.read()
    }
}
