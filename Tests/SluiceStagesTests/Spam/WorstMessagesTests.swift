// SPDX-License-Identifier: Apache-2.0
import SluiceCore
import SluiceNative
import SluiceTesting
import Testing

@testable import SluiceStages

/// What `sluice-load worst` measures at 48 MB, small and by what is looked at.
@Suite("The worst messages") struct WorstMessagesTests {
    private func text(_ content: [UInt8], _ limits: MessageText.Limits) throws -> MessageText {
        try MessageText(
            Message(MemoryContent(String(decoding: content, as: UTF8.self))),
            circumstances: MessageCircumstances(now: SampleMail.now), charsets: IconvCharsets(), limits: limits)
    }

    @Test("none of the worst messages is read past the limits, and what is left out is named")
    func bounded() throws {
        let limits = MessageText.Limits(text: 4096, pieces: 20, uris: 10)
        // Decoding and rendering may make more of an octet, but not of more octets.
        for message in WorstMessage.texts + WorstMessage.pages {
            let content = message.content(size: 40_000)
            #expect(content == message.content(size: 40_000), "\(message.name) is not the same each time")
            let text = try text(content, limits)
            #expect(text.isTruncated, "\(message.name): no limit is named")
            #expect(text.rawBody.reduce(0) { $0 + $1.count } <= 4096 + 4, "\(message.name)")
            #expect(text.body.count <= 20 && text.rawBody.count <= 20 && text.uris.count <= 10, "\(message.name)")
        }
    }

    @Test("structures past the limit of parts or of nesting are never taken for whole")
    func structures() throws {
        for message in WorstMessage.structures where message.limits == ["parts"] {
            let read = try MIMEReader(limits: .init(parts: 50)).read(
                Message(MemoryContent(String(decoding: message.content(size: 20_000), as: UTF8.self))))
            #expect(!read.isComplete, "\(message.name)")
            #expect(read.parts.count <= 50 && read.defects.contains { $0.kind == .partsLimit(50) }, "\(message.name)")
        }
    }

    @Test("each limit is named from one more on", arguments: [-1, 0, 1])
    func limits(_ more: Int) throws {
        func met(_ content: String, _ limits: MessageText.Limits = .init()) throws -> [String] {
            try text(Array(content.utf8), limits).limitsMet
        }
        let isMet = more > 0
        let octets = String(repeating: "x", count: 500 + more)
        #expect(try met("Subject: a\r\n\r\n" + octets, .init(text: 500)) == (isMet ? ["500 octets of text"] : []))
        let fields = String(repeating: "A: 1\r\n", count: HeaderTexts.fieldLimit + more)
        #expect(try met(fields + "\r\nx") == (isMet ? ["1000 fields of the header section"] : []))
        // The value begins with the space behind the colon.
        let value = String(repeating: "x", count: HeaderTexts.valueLimit + more)
        let names = try met("A:" + value + "\r\n\r\nx")
        #expect(names == (isMet ? ["32 KiB of a field"] : []))
        // The Subject is the first of the paragraphs.
        let paragraphs = String(repeating: "word\r\n\r\n", count: 9 + more)
        #expect(try met("Subject: a\r\n\r\n" + paragraphs, .init(pieces: 10)) == (isMet ? ["10 paragraphs"] : []))
        let links = (0..<(10 + more)).map { "http://h\($0).test/\r\n" }.joined()
        #expect(try met("\r\n" + links, .init(uris: 10)) == (isMet ? ["10 addresses of pages"] : []))
        let images = String(repeating: "<img src=a>", count: HTMLRenderer.listLimit + more)
        #expect(
            try met("Content-Type: text/html\r\n\r\n" + images)
                == (isMet ? ["1000 links or images of a page"] : []))
    }
}
