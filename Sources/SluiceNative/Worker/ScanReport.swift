// SPDX-License-Identifier: Apache-2.0
import SluiceWorkerProtocol

/// What came of a scan, and with which databases.
package struct ScanReport: Hashable, Sendable {
    package var answer: ScanAnswer
    package var versions: ScannerVersions

    package init(answer: ScanAnswer, versions: ScannerVersions) {
        self.answer = answer
        self.versions = versions
    }
}

package enum ScanAnswer: Hashable, Sendable {
    case clean
    /// The virus by its name: visible ASCII, at most 100 octets.
    case infected(String)
    /// A limit ended the scan, so that nobody knows what lies behind it. The limit's name.
    case limitExceeded(String)
}

/// The engine and the databases that scan.
package struct ScannerVersions: Hashable, Sendable {
    /// libclamav's version.
    package var engine: String
    package var embeddedSignatures: Int
    /// Which edition of our own databases: the beginning of a digest.
    package var embeddedEdition: String
    /// freshclam's databases; `nil` where they are not loaded.
    package var official: OfficialDatabase?
    /// Why they are not, in words.
    package var officialFault: String?
    /// What confines the process.
    package var confinement: ScannerConfinement?

    package struct OfficialDatabase: Hashable, Sendable {
        /// The versions of the databases `daily` and `main`.
        package var daily: Int
        package var main: Int
        package var signatures: Int
        /// When `daily` was made, in seconds since 1970.
        package var made: Int64

        package init(daily: Int, main: Int, signatures: Int, made: Int64) {
            self.daily = daily
            self.main = main
            self.signatures = signatures
            self.made = made
        }
    }

    package init(
        engine: String, embeddedSignatures: Int, embeddedEdition: String, official: OfficialDatabase? = nil,
        officialFault: String? = nil, confinement: ScannerConfinement? = nil
    ) {
        self.confinement = confinement
        self.engine = engine
        self.embeddedSignatures = embeddedSignatures
        self.embeddedEdition = embeddedEdition
        self.official = official
        self.officialFault = officialFault
    }

    init(_ versions: WorkerVersions, edition: String) {
        self.init(
            engine: ScanText.visible(versions.engine), embeddedSignatures: versions.embeddedSignatures,
            embeddedEdition: edition,
            official: versions.official.map {
                OfficialDatabase(daily: $0.daily, main: $0.main, signatures: $0.signatures, made: $0.made)
            },
            officialFault: versions.officialFault.map { ScanText.visible($0, limit: 500) },
            confinement: ScannerConfinement(versions.confinement))
    }
}

/// Text that comes from a worker, which may have been taken over by what it read.
enum ScanText {
    /// Visible ASCII and spaces, cut to the limit; all else becomes `?`.
    static func visible(_ text: String, limit: Int = 100) -> String {
        String(
            decoding: text.utf8.prefix(limit).map { $0 >= 0x20 && $0 < 0x7F ? $0 : UInt8(ascii: "?") }, as: UTF8.self)
    }
}
