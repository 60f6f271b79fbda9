// SPDX-License-Identifier: Apache-2.0

/// The small virus database of our own (`rules/`), which every worker loads.
package enum EmbeddedVirusDatabase {
    /// File names, by whose ending libclamav knows the format, and octets.
    package static var files: [(name: String, octets: [UInt8])] {
        [("sluice.ndb", PackageResources.sluice_ndb), ("sluice.cdb", PackageResources.sluice_cdb)]
    }
}
