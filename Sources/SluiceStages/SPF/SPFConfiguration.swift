// SPDX-License-Identifier: Apache-2.0
package import SluiceCore

extension SPFStage {
    /// What is done at an outcome.
    enum Action {
        case pass, quarantine, reject, `defer`
    }

    /// What may be done where the domain, or its record, is at fault.
    package enum LastingAction: String, Sendable, CaseIterable {
        case pass, quarantine, reject

        var action: Action {
            switch self {
            case .pass: .pass
            case .quarantine: .quarantine
            case .reject: .reject
            }
        }
    }

    /// What may be done where the DNS did not answer.
    package enum TemporaryAction: String, Sendable, CaseIterable {
        case pass, quarantine, `defer`

        var action: Action {
            switch self {
            case .pass: .pass
            case .quarantine: .quarantine
            case .defer: .defer
            }
        }
    }

    package struct Configuration: ConfigurationReadable, Sendable {
        /// The client may not send for the domain. Passed on by default: forwarders and lists make honest mail fail, and
        /// DMARC is there to decide (RFC 7208 §8.4).
        package var fail = LastingAction.pass
        /// The client probably may not.
        package var softfail = LastingAction.pass
        /// The domain's records can't be understood.
        package var permerror = LastingAction.pass
        /// The DNS did not answer.
        package var temperror = TemporaryAction.pass
        /// Whether the HELO name is checked beside the reverse-path (RFC 7208 §2.3). The actions then hold for it too.
        package var checksHELO = false

        package init() {}

        package init(reading section: ConfigurationSection) {
            fail = section.choice("fail", default: fail)
            softfail = section.choice("softfail", default: softfail)
            permerror = section.choice("permerror", default: permerror)
            temperror = section.choice("temperror", default: temperror)
            checksHELO = section.boolean("helo", default: checksHELO)
        }
    }
}
