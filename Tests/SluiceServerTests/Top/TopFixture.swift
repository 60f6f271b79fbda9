// SPDX-License-Identifier: Apache-2.0
import SluiceCore

@testable import SluiceServer

/// Snapshots of a server that was started at a round time.
enum TopFixture {
    static let started = Timestamp(seconds: 1_795_000_000)

    /// - Parameter seconds: since the start.
    static func snapshot(_ seconds: Double, _ change: (inout TopSnapshot) -> Void = { _ in }) -> TopSnapshot {
        var snapshot = TopSnapshot(
            time: started + .milliseconds(Int64(seconds * 1000)), started: started, hostname: "mx.example.org",
            version: "0.1.0")
        change(&snapshot)
        return snapshot
    }

    static func stage(
        _ name: String, ran: Int64 = 0, failed: Int64 = 0, timedOut: Int64 = 0, skipped: Int64 = 0,
        microseconds: Int64 = 0
    ) -> TopSnapshot.Stage {
        var stage = TopSnapshot.Stage(name: name)
        stage.ran = ran
        stage.failed = failed
        stage.timedOut = timedOut
        stage.skipped = skipped
        stage.microseconds = microseconds
        return stage
    }

    static func refusal(_ id: String, client: String = "192.0.2.1", reply: String? = nil) -> TopSnapshot.Refusal {
        TopSnapshot.Refusal(
            time: started + .seconds(7), id: id, client: client, reversePath: "s@client.test",
            reply: reply ?? "550 5.7.1 held to be spam (id \(id))")
    }
}
