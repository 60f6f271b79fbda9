// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
import CLinux
import Glibc

/// The rights of root, of which a worker keeps none.
enum Capabilities {
    /// `_LINUX_CAPABILITY_VERSION_3`: two halves of 32 bits each.
    private static let version: UInt32 = 0x2008_0522

    /// - Throws: ``ConfinementError`` where some would be left.
    static func dropAll() throws(ConfinementError) {
        var header = (version, Int32(0))
        // Effective, permitted, inheritable: the lower halves, then the upper ones.
        var none = (UInt64(0), UInt64(0), UInt64(0))
        if call(__NR_capset, &header, &none) == 0 { return }
        let code = errno
        // A system call filter of the unit may forbid it: then there must be nothing to drop.
        var held = (UInt32(0), UInt32(0), UInt32(0), UInt32(0), UInt32(0), UInt32(0))
        guard call(__NR_capget, &header, &held) == 0, held.0 | held.1 | held.3 | held.4 == 0 else {
            errno = code
            throw ConfinementError("capset")
        }
    }

    private static func call<Header, Sets>(_ number: Int32, _ header: inout Header, _ sets: inout Sets) -> Int {
        withUnsafeMutablePointer(to: &header) { header in
            withUnsafeMutablePointer(to: &sets) { sets in
                sluice_system_call(Int(number), Int(bitPattern: header), Int(bitPattern: sets), 0, 0, 0, 0)
            }
        }
    }
}
