// SPDX-License-Identifier: Apache-2.0
import COpenDKIM
import Foundation
import NIOCore
import SluiceCore

/// Owns the handles of libopendkim for the verification of one signature, and the key record that it is given.
///
/// The library handle is made anew each time (2 µs): `x=` and `t=` are held against the machine's clock in it, and only
/// its clock drift, an option of that handle, can make it go by another time.
struct OpenDKIMVerification: ~Copyable {
    /// What libopendkim found.
    enum Outcome: Hashable, Sendable {
        case pass
        /// The signature, or the hash of the body, does not fit.
        case fail(String)
        /// It can never fit, and why.
        case permanentError(String)
        /// libopendkim can't process it, and why.
        case notProcessed(String)
    }

    private let library: OpaquePointer
    private let message: OpaquePointer
    /// The record as a C string, which the key look-up finds by the message handle.
    private let record: UnsafeMutablePointer<CChar>

    /// - Parameter clockDrift: how far, in seconds, `x=` may be past and `t=` ahead of the machine's clock.
    /// - Returns: `nil` where libopendkim has no memory.
    init?(key: DKIMPublicKey, clockDrift: UInt64) {
        guard let library = dkim_init(nil, nil) else { return nil }
        var status = DKIM_STAT_OK
        guard
            // An author that it can't read, or another signature, must not end the matter.
            OpenDKIM.set(DKIM_OPTS_FLAGS, UInt32(DKIM_LIBFLAGS_BADSIGHANDLES), of: library),
            OpenDKIM.set(DKIM_OPTS_CLOCKDRIFT, clockDrift, of: library),
            OpenDKIM.set(DKIM_OPTS_MINKEYBITS, UInt32(DKIMPublicKey.leastBits), of: library),
            dkim_set_key_lookup(library, lookUpKey) == DKIM_STAT_OK,
            dkim_set_prescreen(library, ignoreOtherSignatures) == DKIM_STAT_OK,
            let message = dkim_verify(library, "-", nil, &status),
            let record = strndup(String(decoding: key.record, as: UTF8.self), key.record.count)
        else {
            dkim_close(library)
            return nil
        }
        self.library = library
        self.message = message
        self.record = record
        dkim_set_user_context(message, record)
    }

    deinit {
        dkim_free(message)
        dkim_close(library)
        free(record)
    }

    /// Verifies a signature.
    ///
    /// - Parameters:
    ///   - fields: the DKIM-Signature field first, then the fields that it signs, from the top; without final line ends.
    /// - Throws: ``StorageError`` where the body can't be read.
    consuming func verify(fields: [ByteBuffer], body: any ContentSource) throws -> Outcome {
        for (index, field) in fields.enumerated() {
            let status = OpenDKIM.header(field, to: message)
            guard status == DKIM_STAT_OK else {
                return .notProcessed(
                    index == 0 ? "libopendkim can't read the signature" : "libopendkim can't read a signed field")
            }
        }
        let status = dkim_eoh(message)
        guard status == DKIM_STAT_OK, let signature = signature() else { return .notProcessed(why(status)) }
        // What failed already needs no look at the body.
        if let outcome = outcome(of: signature, bodyIsRead: false) { return outcome }
        let bodyStatus = try OpenDKIM.body(body, to: message)
        guard bodyStatus == DKIM_STAT_OK else { return .notProcessed(why(bodyStatus)) }
        let endStatus = dkim_eom(message, nil)
        return outcome(of: signature, bodyIsRead: true) ?? .notProcessed(why(endStatus))
    }

    private borrowing func why(_ status: DKIM_STAT) -> String {
        let text = dkim_geterror(message) ?? dkim_getresultstr(status)
        return "libopendkim: " + (text.map { String(cString: $0) } ?? "status \(status)")
    }

    /// The signature that is verified: the first of the list.
    private borrowing func signature() -> OpaquePointer? {
        var list: UnsafeMutablePointer<OpaquePointer?>?
        var count: Int32 = 0
        guard dkim_getsiglist(message, &list, &count) == DKIM_STAT_OK, count > 0, let list else { return nil }
        return list[0]
    }

    /// - Returns: `nil` where it is not settled yet.
    private borrowing func outcome(of signature: OpaquePointer, bodyIsRead: Bool) -> Outcome? {
        let error = dkim_sig_geterror(signature)
        let passed = dkim_sig_getflags(signature) & UInt32(DKIM_SIGFLAG_PASSED) != 0
        switch error {
        case DKIM_SIGERROR_OK, DKIM_SIGERROR_UNKNOWN:
            guard bodyIsRead else { return nil }
            return passed && dkim_sig_getbh(signature) == DKIM_SIGBH_MATCH && error == DKIM_SIGERROR_OK ? .pass : nil
        case DKIM_SIGERROR_BADSIG:
            return .fail(passed ? "the hash of the body does not fit" : "the signature does not fit")
        case DKIM_SIGERROR_TOOLARGE_L:
            return .permanentError("l= is larger than the body")
        default:
            let text = dkim_sig_geterrorstr(error).map { String(cString: $0) } ?? "error \(error)"
            return .notProcessed("libopendkim: \(text)")
        }
    }
}

/// Hands over the record that was fetched before (`dkim_set_key_lookup`).
private func lookUpKey(
    _ message: OpaquePointer?, _ signature: OpaquePointer?, _ buffer: UnsafeMutablePointer<UInt8>?, _ size: Int
) -> DKIM_CBSTAT {
    guard let message, let buffer, let context = dkim_get_user_context(message) else { return DKIM_CBSTAT_ERROR }
    let record = context.assumingMemoryBound(to: CChar.self)
    let length = strlen(record)
    guard length < size else { return DKIM_CBSTAT_ERROR }
    memcpy(buffer, record, length + 1)
    return DKIM_CBSTAT_CONTINUE
}

/// Ignores signatures that are only there because another signature signs them.
private func ignoreOtherSignatures(
    _ message: OpaquePointer?, _ signatures: UnsafeMutablePointer<OpaquePointer?>?, _ count: Int32
) -> DKIM_CBSTAT {
    guard let signatures else { return DKIM_CBSTAT_ERROR }
    for index in 1..<max(1, Int(count)) { dkim_sig_ignore(signatures[index]) }
    return DKIM_CBSTAT_CONTINUE
}
