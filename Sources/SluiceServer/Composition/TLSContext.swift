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
                message: "listener \(listener.name): \(meaning(of: error, certificate: certificate, key: key))",
                isConfiguration: true)
        }
    }

    private static func meaning(of error: any Error, certificate: String, key: String) -> String {
        switch error {
        case NIOSSLError.failedToLoadCertificate: "\(certificate) holds no certificate, PEM would be right"
        case NIOSSLError.failedToLoadPrivateKey:
            "\(key) is not the key of \(certificate): its private key in PEM, without a password, would be right"
        default: "\(certificate) and \(key) can't be used: \(error)"
        }
    }
}
