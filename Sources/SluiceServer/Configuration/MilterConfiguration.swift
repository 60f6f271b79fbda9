// SPDX-License-Identifier: Apache-2.0
import SluiceCore
package import SluiceDelivery

/// What only a listener of `protocol: milter` has.
package struct MilterConfiguration: Sendable {
    /// Where a message goes that the chain puts into quarantine.
    package enum Quarantine: String, CaseIterable, Sendable {
        /// The MTA's hold queue.
        case mta
        /// Ours: it is committed to our journal, then discarded at the MTA.
        case takeOver = "take_over"
    }

    /// What all recipients get where the protocol can't express that some get something else.
    package enum RecipientsDiffer: String, CaseIterable, Sendable {
        case strictest
        case mostLenient = "most_lenient"
    }

    /// The path of a Unix socket, in place of host and port.
    package var socket: String?
    /// The socket's permissions.
    package var mode: Int
    package var quarantine: Quarantine
    /// Where what was taken over goes when it is released; there where `quarantine` is `take_over`.
    package var reinject: Route?
    package var recipientsDiffer: RecipientsDiffer

    /// The chain's time behind a milter listener: with the wait for a free pipeline (60s at most) it stays below the 300
    /// seconds that Postfix and Sendmail wait at the end of a message, even where they take no notice of progress.
    static let pipelineLimit = Duration.seconds(180)

    private static let keys = ["mode", "quarantine", "reinject", "recipients_differ"]
    /// The longest path of a Unix socket, in octets (`sun_path` without its final NUL).
    private static let pathLimit = 107

    init(reading section: ConfigurationSection, address: String) {
        socket = address.hasPrefix("unix:") ? section.reader.resolve(String(address.dropFirst(5))) : nil
        let text = section.string("mode", default: "0660")
        mode = Int(text, radix: 8) ?? -1
        quarantine = section.choice("quarantine", default: .mta)
        reinject = section.optionalString("reinject").flatMap { Route($0) }
        recipientsDiffer = section.choice("recipients_differ", default: .strictest)
        check(section, address: address, mode: text)
    }

    private mutating func check(_ section: ConfigurationSection, address: String, mode text: String) {
        if !(0...0o777 ~= mode) {
            section.report("mode", "mode is “\(text)”, permissions such as \"0660\" would be right")
        }
        if section.isPresent("mode"), socket == nil {
            section.report("mode", "mode without a Unix socket, address unix:/path would be right")
        }
        if let socket, address == "unix:" || socket.utf8.count > Self.pathLimit {
            section.report(
                "address",
                "address is “\(address)”, unix: and a path of at most \(Self.pathLimit) octets would be right")
        }
        if section.isPresent("reinject"), reinject == nil || reinject == .mx {
            section.report(
                "reinject",
                "reinject is no route to an MTA, smtp://host:port of a port without milters would be right")
            reinject = nil
        }
        if quarantine == .takeOver, !section.isPresent("reinject") {
            section.report(
                "quarantine",
                "quarantine: take_over without reinject: what is released could not go out, smtp://host:port of an MTA port without milters would be right"
            )
        }
        if let (host, _) = ListenerConfiguration.split(address), IPAddress(host)?.isLoopback == false {
            section.report(
                "address",
                "who reaches \(address) may say that it is an MTA whose users have logged in: a Unix socket or a loopback address would be right, or a firewall",
                severity: .warning)
        }
        if quarantine == .mta, section.isPresent("reinject") {
            section.report(
                "reinject", "reinject without quarantine: take_over: nothing is taken over", severity: .warning)
        }
    }

    /// Reports the keys of a milter listener where they stand in another one.
    static func refuse(in section: ConfigurationSection) {
        for key in keys where section.node(key) != nil {
            section.report(key, "\(key) is for protocol milter alone, leaving it out would be right")
        }
    }
}
