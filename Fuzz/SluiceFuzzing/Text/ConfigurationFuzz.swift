// SPDX-License-Identifier: Apache-2.0
import SluiceCore
import SluiceServer

/// A server's configuration, from YAML to the checks of the whole: every mistake is told with its place, and there is a
/// configuration where there is none.
enum ConfigurationFuzz {
    static func run(_ octets: [UInt8]) {
        let text = String(decoding: octets, as: UTF8.self)
        // A folder that is not there, so that no file is read.
        let reading = ServerConfiguration.read(text, file: "fuzz.yml", directory: "/sluice-fuzz-nowhere")
        DiagnosticCheck.check(reading.diagnostics, file: "fuzz.yml", text: text)
        precondition(reading.hasErrors == (reading.configuration == nil), "errors, and a configuration all the same")
        let places = reading.diagnostics.map { ($0.mark.line, $0.mark.column) }
        precondition(zip(places, places.dropFirst()).allSatisfy { $0 <= $1 }, "the diagnostics are in disorder")
        for value in reading.values {
            precondition(!value.path.isEmpty, "a value without a path")
            if let mark = value.mark { precondition(mark.line >= 1 && mark.column >= 1, "\(value)") }
        }
        let again = ServerConfiguration.read(text, file: "fuzz.yml", directory: "/sluice-fuzz-nowhere")
        precondition(reading.diagnostics == again.diagnostics, "the same text has other diagnostics")
        getters(text)
    }

    /// The typed getters, each asked for each key.
    private static func getters(_ text: String) {
        guard let node = try? YAMLReader.read(text, file: "fuzz.yml") else { return }  // told by its diagnostic above
        let reader = ConfigurationReader(directory: "/sluice-fuzz-nowhere")
        let section = ConfigurationSection(
            node, path: "", reader: reader, mark: SourceMark(file: "fuzz.yml", line: 1, column: 1))
        for (key, _) in section.keys {
            let duration = section.duration(key, default: .seconds(1))
            precondition((.zero ... .seconds(400 * 86400)).contains(duration), "\(duration)")
            precondition(Duration(written: duration.written) == duration, "\(duration.written) is read otherwise")
            let integer = section.integer(key, default: 5, in: 1...10)
            precondition((1...10).contains(integer), "\(integer)")
            precondition(section.size(key, default: 1, in: 0...1 << 30) <= 1 << 30, "a size past its range")
            precondition(section.number(key, default: 0).isFinite, "a number that is none")
            precondition(section.optionalNumber(key)?.isFinite ?? true, "a number that is none")
            if let rate = section.optionalRate(key) {
                precondition(rate.count >= 1 && rate.period >= .seconds(1), "\(rate)")
            }
            _ = section.boolean(key, default: true)
            _ = section.strings(key)
            _ = section.path(key)
            _ = section.list(key)
            section.section(key).finish()
        }
        section.finish()
        DiagnosticCheck.check(reader.diagnostics, file: "fuzz.yml", text: text)
    }

    static var seeds: [[UInt8]] {
        let whole = """
            hostname: mx.example.test
            state: /sluice-fuzz-nowhere/state
            listeners:
              - {name: mx, protocol: smtp, address: "127.0.0.1:2525", pipeline: inbound}
              - name: filter
                protocol: milter
                address: 127.0.0.1:8891
                pipeline: inbound
            relay:
              domains: {example.test: "smtp://10.0.0.1:25", other.test: {route: "lmtp://10.0.0.2:24", recipients: any}}
              trusted_networks: [192.0.2.0/24, 2001:db8::/32]
              default_route: mx
              postmaster: postmaster@example.test
            pipelines:
              inbound: [spf, dkim-verify: {}, spam: {reject: 15}, virus, milter: {address: "inet:127.0.0.1:9"}]
              none: []
            limits: {message_size: 50MB, recipients: 100, pipeline_timeout: 90s, hops: 30}
            queue: {max_age: 5d, max_retry: 4h}
            delivery: {connections: 10}
            """
        return [
            whole, "", "hostname: [a\n", "a: &x 1\nb: *x\n",
            "a: 30s\nb: 600/1h\nc: 50MB\nd: 3\ne: yes\nf: 0x10\ng: [a, {b: c}]\n",
            "hostname: x\nhostname: y\nhostnam: z\nlisteners: {}\nlimits: {messag_size: 5}\n", "- a\n- b\n",
            "? [a, b]\n: c\n",
            String(repeating: "[", count: 40), "a: |\n  text\n   more\nb: >-\n  folded\n",
            "a: \"\\x41\\u263A\\\n  b\"\n", "%YAML 1.1\n---\na: !!int 5\n...\n",
            "a:\tb\n", "\u{FEFF}a: b\n", "a: 9999999999999999999d\nb: 1000000000d\nc: -1s\nd: 1e999\ne: .nan\n",
            "a: ~\nb: null\nc: ''\nd:\n", "listeners: [1, []]\npipelines: {a: [b: {c: d}, [e]]}\n",
            "a: [&x [b, c], *x]\n<<: {d: e}\n", String(repeating: "- ", count: 40) + "a",
            "relay: {domains: {x: 1, '': mx, y: {route: smtp://, recipients: nowhere}}}\n",
        ].map { Array($0.utf8) }
    }
}
