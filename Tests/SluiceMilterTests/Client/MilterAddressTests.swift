// SPDX-License-Identifier: Apache-2.0
import SluiceCore
import Testing

@testable import SluiceMilter

@Suite("Where a filter listens") struct MilterAddressTests {
    @Test("the three forms are read and written")
    func forms() throws {
        for text in ["unix:/run/filter.sock", "127.0.0.1:8891", "[::1]:8891"] {
            #expect(try #require(MilterAddress(text)).description == text)
        }
        #expect(MilterAddress("localhost:8891")?.description == "127.0.0.1:8891")
    }

    @Test(
        "anything else is none",
        arguments: [
            "", "unix:", "unix:run/filter.sock", "/run/filter.sock", "inet:8891@127.0.0.1", "127.0.0.1", "127.0.0.1:",
            "127.0.0.1:0", "127.0.0.1:65536", "127.0.0.1:+25", "::1:8891", "[127.0.0.1]:8891", "filter.example.org:25",
            "unix:/" + String(repeating: "x", count: 107),
        ])
    func others(text: String) { #expect(MilterAddress(text) == nil) }
}
