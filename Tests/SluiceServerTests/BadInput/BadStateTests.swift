// SPDX-License-Identifier: Apache-2.0
import SluiceCore
import SluiceServer
import Testing

@Suite("A state directory that can't be used") struct BadStateTests {
    @Test("one whose socket would have too long a path is a mistake of the configuration, at its line")
    func tooLong() throws {
        func diagnostics(_ length: Int) -> [String] {
            let text = TestServer.yaml(sink: 25).split(separator: "\n")
                .map { $0 == "state: state" ? "state: /\(String(repeating: "s", count: length - 1))" : String($0) }
                .joined(separator: "\n")
            return ServerConfiguration.read(text, file: "sluice.yml", directory: "/tmp").diagnostics.map(\.description)
        }
        #expect(!diagnostics(94).contains { $0.contains("too long") })
        let found = diagnostics(95).first { $0.contains("too long") }
        #expect(found?.hasPrefix("sluice.yml:2:8: ") == true && found?.contains("at most 94 octets") == true)
    }
}
