// SPDX-License-Identifier: Apache-2.0
import SluiceQueue

extension MailQueue.Configuration {
    /// What a configuration says of the queue; for the rest the queue's own values.
    init(_ configuration: ServerConfiguration) {
        self.init()
        quarantineSize = Int64(configuration.quarantine.size)
        ledgerKeep = configuration.ledger.keep
    }
}
