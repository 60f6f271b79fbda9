// SPDX-License-Identifier: Apache-2.0
package import SluiceCore
package import SluiceMilter

extension MilterStage {
    /// `milter: {name: rspamd, address: "127.0.0.1:11332"}`
    package struct Configuration: ConfigurationReadable, Sendable {
        /// Tells apart several filters of one pipeline; empty where there is but one.
        package var name: String
        /// `nil` where it is missing or wrong, which has been reported.
        package var address: MilterAddress?
        /// Connections at once; further messages wait.
        package var connections: Int
        package var timeouts: MilterClientTimeouts
        /// Whether the changes that it asks for are made.
        package var edits: Bool
        /// Whether it signs: then no stage that edits may stand after it.
        package var signs: Bool
        /// Whether an `accept` of another stage may skip it.
        package var isSkippable: Bool
        /// The macro `{daemon_name}`.
        package var daemonName: String

        package init(
            name: String = "", address: MilterAddress?, connections: Int = 20,
            timeouts: MilterClientTimeouts = MilterClientTimeouts(), edits: Bool = true, signs: Bool = false,
            isSkippable: Bool = false, daemonName: String = "sluice"
        ) {
            self.name = name
            self.address = address
            self.connections = connections
            self.timeouts = timeouts
            self.edits = edits
            self.signs = signs
            self.isSkippable = isSkippable
            self.daemonName = daemonName
        }

        package init(reading section: ConfigurationSection) {
            name = section.string("name", default: "")
            let text = section.requiredString("address")
            address = MilterAddress(text)
            connections = section.integer("connections", default: 20, in: 1...1000)
            let usual = MilterClientTimeouts()
            let range: ClosedRange<Duration> = .milliseconds(1) ... .seconds(3600)
            timeouts = MilterClientTimeouts(
                connect: section.duration("connect_timeout", default: usual.connect, in: range),
                command: section.duration("command_timeout", default: usual.command, in: range),
                content: section.duration("content_timeout", default: usual.content, in: range),
                idle: section.duration("idle_time", default: usual.idle, in: range))
            edits = section.boolean("edits", default: true)
            signs = section.boolean("signs", default: false)
            isSkippable = section.boolean("skippable", default: false)
            daemonName = section.string("daemon_name", default: "sluice")
            if address == nil, !text.isEmpty {
                section.report(
                    "address",
                    "address is “\(text)”, unix:/path or address:port such as \"127.0.0.1:8891\" would be right")
            }
            if !Self.isName(name) {
                section.report("name", "name is “\(name)”, up to 32 letters, digits, - and _ would be right")
                name = ""
            }
            if signs, !edits {
                section.report("edits", "edits: false with signs: true, the signature is an edit, true would be right")
            }
        }

        private static func isName(_ text: String) -> Bool {
            text.utf8.count <= 32 && text.utf8.allSatisfy { $0.isASCIIAlphanumeric || $0 == 0x2D || $0 == 0x5F }
        }
    }
}
