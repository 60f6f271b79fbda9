// SPDX-License-Identifier: Apache-2.0
import NIOCore
import NIOEmbedded
import Testing

@testable import SluiceMilter

@Suite("The end of a milter connection")
struct MilterServerClosingTests {
    private static let closed = "milter connection closed reason="

    @Test(
        "a packet that is none closes the connection, with one line in the log",
        arguments: [
            ([0, 0, 0, 0], "a packet without a command, at least one octet would be right"),
            ([0, 32, 0, 0], "a packet of 2097152 octets, at most 1114112 would be right"),
            ([0, 0, 0, 1, 90], "an unknown packet code “Z”"),
            ([0, 0, 0, 2, 72, 65], "a malformed packet “H”: no NUL after the name"),
            ([0, 0, 0, 1, 69], "end of message has no place in the envelope"),
        ] as [([UInt8], String)])
    func wrongPackets(octets: [UInt8], reason: String) throws {
        let milter = try EmbeddedMilter()
        try milter.negotiate()
        try milter.send(.testConnect, .testMail)
        if octets.last == 69 { try milter.send(.abort) }
        try milter.channel.writeInbound(ByteBuffer(bytes: octets))
        #expect(!milter.channel.isActive)
        let expected = octets.last == 69 ? "end of message has no place outside a message" : reason
        #expect(milter.log.lines == [Self.closed + expected])
        #expect(milter.policy.words.suffix(2) == ["client ended", "connection ended"])
        #expect(milter.policy.words.filter { $0 == "transaction ended" }.count == 1)
    }

    @Test("the limit of a packet holds to the octet")
    func packetLimit() throws {
        for length in [99, 100, 101] {
            let milter = try EmbeddedMilter(MilterServerConfiguration(packetLimit: 100))
            try milter.negotiate()
            try milter.send(.testConnect, .testMail, .endOfHeader)
            try milter.send(.body(ByteBuffer(repeating: 65, count: length - 1)))
            #expect(milter.channel.isActive == (length <= 100))
        }
    }

    @Test("an MTA that vanishes within a message leaves a line in the log, one that is idle leaves none")
    func lost() throws {
        let within = try EmbeddedMilter()
        try within.negotiate()
        try within.send(.testConnect, .testMail)
        within.channel.close(promise: nil)
        within.channel.embeddedEventLoop.run()
        #expect(within.log.lines == [Self.closed + "the MTA closed it within a message"])
        #expect(within.policy.words.suffix(3) == ["transaction ended", "client ended", "connection ended"])
        let idle = try EmbeddedMilter()
        try idle.negotiate()
        try idle.send(.testConnect)
        idle.channel.close(promise: nil)
        idle.channel.embeddedEventLoop.run()
        #expect(idle.log.lines == [])
        let half = try EmbeddedMilter()
        try half.channel.writeInbound(ByteBuffer(bytes: [0, 0]))
        half.channel.close(promise: nil)
        half.channel.embeddedEventLoop.run()
        #expect(half.log.lines == [Self.closed + "the MTA closed it within a packet"])
        #expect(half.policy.words == ["connection ended"])
    }

    @Test("an MTA that vanishes while the policy decides ends the message, and the late answer comes to nothing")
    func lostWhileDeciding() throws {
        let milter = try EmbeddedMilter()
        try milter.negotiate()
        let promise = milter.channel.eventLoop.makePromise(of: MilterConclusion.self)
        milter.policy.concluded = { promise.futureResult }
        try milter.send([.testConnect] + MilterCommand.testMessage)
        milter.channel.close(promise: nil)
        milter.channel.embeddedEventLoop.run()
        #expect(milter.policy.words.suffix(3) == ["transaction ended", "client ended", "connection ended"])
        promise.succeed(MilterConclusion(final: .accept))
        #expect(milter.policy.words.last == "connection ended")
    }

    @Test("half a packet, or no option negotiation, has a minute; silence between packets has hours")
    func patience() throws {
        let silent = try EmbeddedMilter()
        silent.advance(.milliseconds(59_999))
        #expect(silent.channel.isActive)
        silent.advance(.milliseconds(1))
        #expect(!silent.channel.isActive)
        #expect(silent.log.lines == [Self.closed + "a packet was begun and not ended in time"])
        let half = try EmbeddedMilter()
        try half.negotiate()
        try half.channel.writeInbound(ByteBuffer(bytes: [0, 0]))
        half.advance(.seconds(30))
        try half.channel.writeInbound(ByteBuffer(bytes: [0]))
        half.advance(.seconds(30))
        #expect(!half.channel.isActive)
        let idle = try EmbeddedMilter()
        try idle.negotiate()
        try idle.send(.testConnect)
        idle.advance(.seconds(7_199))
        try idle.send(.testMail)
        idle.advance(.seconds(7_199))
        #expect(idle.channel.isActive)
        idle.advance(.seconds(1))
        #expect(!idle.channel.isActive)
        #expect(idle.log.lines == [Self.closed + "nothing came for too long"])
    }

    @Test("the time in which the MTA has to wait for us is not its own")
    func ourTime() throws {
        let milter = try EmbeddedMilter()
        try milter.negotiate()
        let promise = milter.channel.eventLoop.makePromise(of: Void.self)
        milter.policy.taken = { _ in promise.futureResult }
        try milter.send([.testConnect] + MilterCommand.testMessage.dropLast())
        milter.advance(.hours(5))
        #expect(milter.channel.isActive)
        promise.succeed()
        milter.advance(.minutes(119))
        #expect(milter.channel.isActive)
        milter.advance(.minutes(1))
        #expect(!milter.channel.isActive)
    }

    @Test("a shutdown closes an idle connection at once, and lets a message end")
    func quiesce() throws {
        let idle = try EmbeddedMilter()
        try idle.negotiate()
        try idle.send([.testConnect] + MilterCommand.testMessage)
        idle.channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
        #expect(!idle.channel.isActive)
        #expect(idle.log.lines == [])
        for length in 1..<MilterCommand.testMessage.count {
            let busy = try EmbeddedMilter()
            try busy.negotiate()
            try busy.send([.testConnect] + MilterCommand.testMessage.prefix(length))
            busy.channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
            #expect(busy.channel.isActive)
            _ = try busy.replies()
            try busy.send(Array(MilterCommand.testMessage.dropFirst(length)) + MilterCommand.testMessage)
            #expect(try busy.replies().last == "accept")
            #expect(!busy.channel.isActive)
            #expect(busy.policy.words.filter { $0 == "mail" }.count == 1)
            #expect(busy.policy.words.suffix(2) == ["client ended", "connection ended"])
        }
    }

    @Test("a shutdown waits for an answer that the MTA does not have yet")
    func quiesceKept() throws {
        let milter = try EmbeddedMilter()
        try milter.negotiate()
        milter.policy.answers[.data] = .reply(.reject)
        try milter.send([.testConnect] + MilterCommand.testMessage.prefix(4))
        milter.channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
        #expect(milter.channel.isActive)
        _ = try milter.replies()
        try milter.send(.testEnd)
        #expect(try milter.replies() == ["reject"])
        #expect(!milter.channel.isActive)
    }

    @Test("an error of the socket within a message is logged, outside one it is the MTA's good right")
    func socketErrors() throws {
        struct Reset: Error {}
        for isWithin in [true, false] {
            let milter = try EmbeddedMilter()
            try milter.negotiate()
            try milter.send(isWithin ? [.testConnect, .testMail] : [.testConnect])
            milter.channel.pipeline.fireErrorCaught(Reset())
            milter.channel.embeddedEventLoop.run()
            #expect(!milter.channel.isActive)
            #expect(milter.log.lines == (isWithin ? [Self.closed + "Reset()"] : []))
        }
    }
}
