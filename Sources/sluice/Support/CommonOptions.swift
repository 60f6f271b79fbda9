// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import SluiceCore
import SluiceServer

/// `--json`
struct OutputOptions: ParsableArguments {
    @Flag(name: .long, help: "Print one JSON object a line.")
    var json = false
}

/// `--now EPOCH`
struct TimeOptions: ParsableArguments {
    @Option(name: .long, help: ArgumentHelp("The time to go by, in seconds since 1970.", valueName: "epoch"))
    var now: Int64?

    var timestamp: Timestamp { now.map { Timestamp(seconds: $0) } ?? SystemTime().now }
}

/// `--zone FILE`
struct ResolverOptions: ParsableArguments {
    @Option(
        name: .long, help: ArgumentHelp("A zone file: the only DNS that the command then knows.", valueName: "file"))
    var zone: String?

    /// The resolver to ask: the zone's, or the DNS with a deadline of 2 seconds.
    ///
    /// - Throws: ``CommandFailure`` where the zone file is missing (66) or wrong (65).
    func resolver() throws -> any Resolver {
        guard let zone else { return try CommandResolver.dns() }
        switch ZoneFile.read(try InputFile.text(zone), file: zone) {
        case .success(let resolver): return resolver
        case .failure(let error): throw CommandFailure(.badInput, error.description)
        }
    }
}
