// SPDX-License-Identifier: Apache-2.0

/// How long a filter is waited for. The defaults are Postfix's.
package struct MilterClientTimeouts: Hashable, Sendable {
    /// Until the connection stands.
    package var connect: Duration
    /// For the answer to a command, and for a command to be taken off.
    package var command: Duration
    /// For the answer to the end of the message; each progress reply begins it anew.
    package var content: Duration
    /// So long a connection is kept for the next message.
    package var idle: Duration

    package init(
        connect: Duration = .seconds(30), command: Duration = .seconds(30), content: Duration = .seconds(300),
        idle: Duration = .seconds(30)
    ) {
        self.connect = connect
        self.command = command
        self.content = content
        self.idle = idle
    }
}
