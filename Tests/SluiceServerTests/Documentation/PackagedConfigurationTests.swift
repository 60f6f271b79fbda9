// SPDX-License-Identifier: Apache-2.0
import Foundation
import SluiceCore
import Testing

@testable import SluiceServer

/// What `make install` and the Debian package write to `/etc/sluice`.
@Suite("packaging/sluice.yml") struct PackagedConfigurationTests {
    private static func reading() throws -> ServerConfiguration.Reading {
        let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().appending(path: "packaging/sluice.yml")
        let text = try String(contentsOf: file, encoding: .utf8)
            .replacingOccurrences(of: "@HOSTNAME@", with: "mx.example.org")
            .replacingOccurrences(of: "@DOMAIN@", with: "example.org")
        return ServerConfiguration.read(text, file: "sluice.yml", directory: "/etc/sluice")
    }

    @Test("has no mistake, and nothing to warn of")
    func isRight() throws {
        let reading = try Self.reading()
        #expect(reading.diagnostics.map(\.description) == [])
        #expect(reading.configuration?.state == "/var/lib/sluice")
    }

    @Test("listens on loopback only, and trusts nobody")
    func isClosed() throws {
        let configuration = try #require(try Self.reading().configuration)
        #expect(configuration.relay.trustedNetworks.isEmpty)
        let addresses = try Self.reading().values.filter {
            $0.path.hasPrefix("listeners") && $0.path.hasSuffix("address")
        }
        #expect(addresses.map(\.value) == ["127.0.0.1:2525"])
    }
}
