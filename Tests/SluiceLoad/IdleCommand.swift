// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import SluiceTesting

struct IdleCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "idle", abstract: "What a session costs that has said EHLO and is silent.",
        discussion: """
            So many sessions as there are descriptors for: two for each, and 256. The second is the file that content \
            may need.
            """)

    @OptionGroup var options: RelayOptions
    @Option var sessions = 10_000
    @Flag(help: "Behind STARTTLS.") var tls = false
    @Option(help: "KiB a session; without it 10, with TLS 50.") var limit: Double?

    func run() async throws {
        let sink = try await CountingSink.start()
        let relay = try await options.relay(sink: sink.port, certificate: tls)
        try await relay.start()
        let before = try relay.figures()
        let count = Sessions.limit(sessions)
        let context = try TestCertificate.clientContext()
        let tls = tls
        let started = ContinuousClock.now
        let open = try await Sessions.open(count, port: relay.port) { _, dialogue in
            guard tls else { return }
            try await dialogue.startTLS(context)
            try await dialogue.send("EHLO client.test", expect: "250")
        }
        let took = (ContinuousClock.now - started) / .seconds(1)
        try await Task.sleep(for: .seconds(1))
        let figures = try relay.figures()
        let each = Double(figures.residentPeak - before.resident) / 1024 / Double(count)
        let limit = limit ?? (tls ? 50 : 10)
        print("idle: \(count) sessions\(tls ? " behind STARTTLS" : ""), opened in \(took.written) s; \(machineLoad())")
        print(
            "  memory: \(before.resident.mebibytes) without, \(figures.residentPeak.mebibytes) with them: \(each.written) KiB each"
        )
        var judgement = Judgement()
        judgement.expect(figures.descriptors >= count, "only \(figures.descriptors) descriptors: sessions were closed")
        judgement.expect(each < limit, "\(each.written) KiB a session, \(limit.written) would be the limit")
        try await open.close()
        judgement.expect(relay.stop() == 0, "the relay's exit code was not 0")
        try await sink.stop()
        try judgement.end()
    }
}
