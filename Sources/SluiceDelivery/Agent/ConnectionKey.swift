// SPDX-License-Identifier: Apache-2.0
package import SluiceSMTP

/// What a connection leads to and how it was made: whoever wants the same may share it.
package struct ConnectionKey: Hashable, Sendable {
    package var host: MailHost
    package var kind: ClientStateMachine.Kind
    package var tls: ClientTLSMode

    package init(host: MailHost, kind: ClientStateMachine.Kind, tls: ClientTLSMode) {
        self.host = host
        self.kind = kind
        self.tls = tls
    }
}
