// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Foundation

/// What is measured.
struct RelayOptions: ParsableArguments {
    @Option(help: "The relay; without it the sluice that was built beside this program.")
    var program: String?

    @Option(help: "The stages, in YAML's flow style; without it the embedded chain for strangers' mail less virus.")
    var chain = "[{spf: {}}, {dkim-verify: {}}, {spam: {}}]"

    @Option(help: "Where the state directory is made; without it in the temporary folder.")
    var folder: String?

    func relay(sink: Int, certificate: Bool = false) async throws -> Relay {
        let own = URL(fileURLWithPath: try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
        return try await Relay(
            program: program ?? own.deletingLastPathComponent().path + "/sluice", sink: sink, chain: chain,
            folder: folder ?? FileManager.default.temporaryDirectory.path, certificate: certificate)
    }
}
