// SPDX-License-Identifier: Apache-2.0
import NIOSSL

/// Certificates of listeners.
enum TLSContext {
    /// - Throws: ``ServerError`` where certificate or key can't be read or do not belong together.
    static func make(_ listener: ListenerConfiguration) throws -> NIOSSLContext? {
        guard let certificate = listener.certificate, let key = listener.key else { return nil }
        do {
            var configuration = TLSConfiguration.makeServerConfiguration(
                certificateChain: try NIOSSLCertificate.fromPEMFile(certificate).map { .certificate($0) },
                privateKey: .privateKey(try NIOSSLPrivateKey(file: key, format: .pem)))
            configuration.minimumTLSVersion = .tlsv12
            return try NIOSSLContext(configuration: configuration)
        } catch {
            throw ServerError(
                message:
                    "listener \(listener.name): \(certificate), \(key): \(error): a PEM certificate and its key would be right",
                isConfiguration: true)
        }
    }
}
