// SPDX-License-Identifier: Apache-2.0

/// The EICAR test file, written in two pieces so that no scanner takes this source for it.
package enum TestVirus {
    package static let octets = Array(
        (#"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD"# + "-ANTIVIRUS-TEST-FILE!$H+H*").utf8)
}
