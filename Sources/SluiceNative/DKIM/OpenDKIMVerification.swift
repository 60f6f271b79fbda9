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
    private let library: OpaquePointer
    private let message: OpaquePointer
    /// The record as a C string, which the key look-up finds by the message handle.
    private let record: UnsafeMutablePointer<CChar>

    /// - Parameter clockDrift: how far, in seconds, `x=` may be past and `t=` ahead of the machine's clock.
    /// - Returns: `nil` where libopendkim has no memory, or no room for the key.
    init?(key: DKIMPublicKey, clockDrift: UInt64) {
        guard key.record.utf8.count <= OpenDKIM.keyRecordLimit, let library = dkim_init(nil, nil) else { return nil }
        var status = DKIM_STAT_OK
        guard
            // An author that it can't read, or another signature, must not end the matter.
            OpenDKIM.set(DKIM_OPTS_FLAGS, UInt32(DKIM_LIBFLAGS_BADSIGHANDLES), of: library),
            OpenDKIM.set(DKIM_OPTS_CLOCKDRIFT, clockDrift, of: library),
            OpenDKIM.set(DKIM_OPTS_MINKEYBITS, UInt32(DKIMPublicKey.bitsRange.lowerBound), of: library),
            dkim_set_key_lookup(library, lookUpKey) == DKIM_STAT_OK,
            dkim_set_prescreen(library, ignoreOtherSignatures) == DKIM_STAT_OK,
            let message = dkim_verify(library, "-", nil, &status),
            let record = strdup(key.record)
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
    /// - Returns: `nil` where libopendkim can't process it.
    /// - Throws: ``StorageError`` where the body can't be read.
    consuming func verify(fields: [ByteBuffer], body: any ContentSource) throws -> DKIMVerificationOutcome? {
        for field in fields {
            guard OpenDKIM.header(field, to: message) == DKIM_STAT_OK else { return nil }
        }
        guard dkim_eoh(message) == DKIM_STAT_OK, let signature = signature() else { return nil }
        switch dkim_sig_geterror(signature) {
        case DKIM_SIGERROR_OK, DKIM_SIGERROR_UNKNOWN: break
        // What failed already needs no look at the body.
        case DKIM_SIGERROR_BADSIG: return .signatureDoesNotFit
        default: return nil
        }
        guard try OpenDKIM.body(body, to: message) == DKIM_STAT_OK else { return nil }
        // Its status is that of the message; the one signature that there is tells more.
        _ = dkim_eom(message, nil)
        switch dkim_sig_geterror(signature) {
        case DKIM_SIGERROR_OK:
            let hasPassed = dkim_sig_getflags(signature) & UInt32(DKIM_SIGFLAG_PASSED) != 0
            return hasPassed && dkim_sig_getbh(signature) == DKIM_SIGBH_MATCH ? .pass : nil
        case DKIM_SIGERROR_BADSIG: return .bodyHashDoesNotFit
        case DKIM_SIGERROR_TOOLARGE_L: return .bodyIsTooShort
        default: return nil
        }
    }

    /// The signature that is verified: the first of the list.
    private borrowing func signature() -> OpaquePointer? {
        var list: UnsafeMutablePointer<OpaquePointer?>?
        var count: Int32 = 0
        guard dkim_getsiglist(message, &list, &count) == DKIM_STAT_OK, count > 0, let list else { return nil }
        return list[0]
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
