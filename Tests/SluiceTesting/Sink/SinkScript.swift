// SPDX-License-Identifier: Apache-2.0
package import NIOCore

/// What a client of the sink did.
package enum SinkStep: Sendable {
    case connected
    case command(String)
    /// MAIL, with what stands between the angle brackets.
    case mail(String)
    case recipient(String)
    case data
    /// The final dot was read.
    case content(SinkMessage)
}

/// What the sink does about it.
package enum SinkAction: Sendable, Equatable {
    /// Sends these lines (several for LMTP's reply to the final dot); CRLF is added to each.
    case reply([String])
    /// Does as after some time; meanwhile it reads nothing.
    indirect case after(TimeAmount, SinkAction)
    /// Closes the connection without a word.
    case drop
    /// Says nothing, and goes on reading.
    case silence
    /// Sends these octets as they are.
    case octets(String)
    /// Sends these octets one by one, each in a packet of its own.
    case slowly(String)
    /// Sends these octets as they are, then closes the connection.
    case cut(String)

    package static func reply(_ line: String) -> SinkAction { .reply([line]) }
}

/// How a sink behaves; the default accepts all.
package struct SinkScript: Sendable {
    /// The action for a step; `nil` for the usual one.
    package var act: @Sendable (SinkStep) -> SinkAction?
    /// EHLO's keywords.
    package var keywords: [String]
    /// Whether it speaks LMTP: LHLO, and a reply for each recipient after the final dot (RFC 2033).
    package var isLMTP: Bool
    /// Whether it forgets what has come behind a command, as a server does that announces PIPELINING and can't.
    package var forgetsPipelined: Bool
    /// Whether messages and commands are kept; without it only ``act`` sees them.
    package var keeps = true

    package init(
        keywords: [String] = ["PIPELINING", "8BITMIME", "SIZE 100000000", "ENHANCEDSTATUSCODES"], isLMTP: Bool = false,
        forgetsPipelined: Bool = false,
        act: @escaping @Sendable (SinkStep) -> SinkAction? = { _ in nil }
    ) {
        self.keywords = keywords
        self.isLMTP = isLMTP
        self.forgetsPipelined = forgetsPipelined
        self.act = act
    }
}

/// A message that a sink has got, the dots unstuffed.
package struct SinkMessage: Sendable, Equatable {
    package var helo: String
    package var reversePath: String
    package var recipients: [String]
    package var content: String
    /// The parameters of MAIL, as they came.
    package var mailParameters: String

    package init(helo: String, reversePath: String, recipients: [String], content: String, mailParameters: String) {
        self.helo = helo
        self.reversePath = reversePath
        self.recipients = recipients
        self.content = content
        self.mailParameters = mailParameters
    }

    /// The value of a header field, on one line.
    package func field(_ name: String) -> String? {
        for line in content.split(separator: "\r\n", omittingEmptySubsequences: false) {
            if line.isEmpty { return nil }
            if line.lowercased().hasPrefix(name.lowercased() + ":") {
                return String(line.dropFirst(name.count + 1).drop { $0 == " " })
            }
        }
        return nil
    }
}
