// SPDX-License-Identifier: Apache-2.0
import COpenDKIM
import Foundation
import NIOCore
import SluiceCore

@testable import SluiceNative

/// Has libopendkim sign one message with an RSA key: what our own signatures are held against.
///
/// The library handle is made anew each time (2 µs), since the time of the signature is an option of it.
struct OpenDKIMSigning: ~Copyable {
    private let library: OpaquePointer
    private let message: OpaquePointer

    /// - Returns: `nil` where libopendkim does not take what it is given.
    init?(_ key: DKIMKey, _ canonicalization: DKIMCanonicalization, now: Timestamp) {
        guard let library = dkim_init(nil, nil) else { return nil }
        var status = DKIM_STAT_OK
        // It wants a C string, and copies it.
        var secret = key.pem + [0]
        guard
            OpenDKIM.set(DKIM_OPTS_FIXEDTIME, UInt64(clamping: now.seconds), of: library),
            OpenDKIM.set(DKIM_OPTS_MINKEYBITS, UInt32(DKIMPublicKey.bitsRange.lowerBound), of: library),
            Self.oversign("from", in: library),
            let message = secret.withUnsafeMutableBufferPointer({ secret in
                dkim_sign(
                    library, "-", nil, secret.baseAddress, "s1", "example.org",
                    Self.code(canonicalization.header), Self.code(canonicalization.body), DKIM_SIGN_RSASHA256, -1,
                    &status)
            })
        else {
            dkim_close(library)
            return nil
        }
        self.library = library
        self.message = message
    }

    deinit {
        dkim_free(message)
        dkim_close(library)
    }

    private static func code(_ form: DKIMCanonicalization.Form) -> dkim_canon_t {
        switch form {
        case .simple: DKIM_CANON_SIMPLE
        case .relaxed: DKIM_CANON_RELAXED
        }
    }

    /// Has a name stand once more in `h=`; libopendkim copies the list.
    private static func oversign(_ name: String, in library: OpaquePointer) -> Bool {
        name.withCString { name in
            let names: [UnsafePointer<CChar>?] = [name, nil]
            return names.withUnsafeBufferPointer { names in
                dkim_options(
                    library, DKIM_OP_SETOPT, DKIM_OPTS_OVERSIGNHDRS,
                    UnsafeMutableRawPointer(mutating: names.baseAddress), MemoryLayout<OpaquePointer>.size)
                    == DKIM_STAT_OK
            }
        }
    }

    /// Signs.
    ///
    /// - Parameter fields: the fields to be signed, from the top, without final line ends.
    /// - Returns: the value of the DKIM-Signature field.
    /// - Throws: ``DKIMSigningError``, or ``StorageError`` where the body can't be read.
    consuming func sign(fields: [ByteBuffer], body: any ContentSource) throws -> String {
        for field in fields { try check(OpenDKIM.header(field, to: message)) }
        try check(dkim_eoh(message))
        guard let status = try OpenDKIM.body(body, to: message) else {
            throw DKIMSigningError("its body holds bare CR or LF")
        }
        try check(status)
        try check(dkim_eom(message, nil))
        var octets: UnsafeMutablePointer<UInt8>?
        var length = 0
        try check(dkim_getsighdr_d(message, "DKIM-Signature: ".utf8.count, &octets, &length))
        guard let octets else { throw DKIMSigningError("libopendkim gives no signature") }
        return String(decoding: UnsafeBufferPointer(start: octets, count: length), as: UTF8.self)
    }

    private borrowing func check(_ status: DKIM_STAT) throws {
        guard status != DKIM_STAT_OK else { return }
        let text = dkim_geterror(message) ?? dkim_getresultstr(status)
        throw DKIMSigningError("libopendkim: " + (text.map { String(cString: $0) } ?? "status \(status)"))
    }
}
