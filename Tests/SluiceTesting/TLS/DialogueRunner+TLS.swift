// SPDX-License-Identifier: Apache-2.0
import NIOCore
package import NIOSSL

extension DialogueRunner {
    /// Puts TLS before the dialogue, after the server's 220.
    ///
    /// - Parameter context: one for all connections, where there are many.
    package func startTLS(_ context: NIOSSLContext? = nil) async throws {
        try await send("STARTTLS", expect: "220")
        let context = try context ?? TestCertificate.clientContext()
        try await channel.eventLoop.submit { [channel] in
            let handler = try NIOSSLClientHandler(context: context, serverHostname: "mx.test")
            try channel.pipeline.syncOperations.addHandler(handler, position: .first)
        }.get()
    }
}
