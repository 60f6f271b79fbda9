// SPDX-License-Identifier: Apache-2.0

extension UnboundResolver {
    /// How the resolver asks.
    package struct Configuration: Sendable {
        /// Resolvers to ask instead of the name servers themselves: `192.0.2.53`, `192.0.2.53@5353`, `2001:db8::53`.
        package var forwarders: [String]
        /// Without ``forwarders``: those of `/etc/resolv.conf`, if it is there. Else libunbound begins at the root.
        package var usesSystemForwarders: Bool
        /// After it a question is answered with ``DNSAnswer/Outcome-swift.enum/timedOut``.
        package var deadline: Duration
        /// Octets for each of libunbound's two caches.
        package var cacheSize: Int
        /// A file with the root's trust anchors (Debian: `/usr/share/dns/root.key`); without one nothing is validated.
        package var trustAnchors: String?
        /// How many questions may be under way; more are answered with a server failure.
        package var questionLimit: Int

        package init(
            forwarders: [String] = [], usesSystemForwarders: Bool = true, deadline: Duration = .seconds(5),
            cacheSize: Int = 16 << 20, trustAnchors: String? = nil, questionLimit: Int = 8192
        ) {
            self.forwarders = forwarders
            self.usesSystemForwarders = usesSystemForwarders
            self.deadline = deadline
            self.cacheSize = cacheSize
            self.trustAnchors = trustAnchors
            self.questionLimit = questionLimit
        }
    }
}

/// Why no resolver could be made.
package struct UnboundError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What was tried, such as `the forwarder “x”`.
    package var subject: String
    /// libunbound's words.
    package var meaning: String

    package var description: String { "\(subject): \(meaning)" }
}
