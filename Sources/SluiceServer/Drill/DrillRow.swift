// SPDX-License-Identifier: Apache-2.0
package import SluiceCore

/// One line of the drill's table: what was broken under a stage, what is declared for that, and what was seen.
package struct DrillRow: Sendable {
    /// In what way something was broken.
    package enum Fault: String, Sendable, CaseIterable {
        /// Nobody is there.
        case dead
        /// It is there, and never answers.
        case hang
        /// It answers late, but within its time.
        case slow
        /// It answers what no such thing says.
        case garbage
        /// It dies in the middle.
        case crash
        /// A file or a database that is not there.
        case missing
        /// The file system has no room left.
        case full
        /// More to do than its time allows.
        case overlong
        /// Nothing of it can break.
        case none = "-"
    }

    /// What came of it.
    package enum Judgement: Sendable, Equatable {
        case asDeclared
        case otherwise
        /// Not tried; why stands in ``DrillRow/seen``.
        case notTried
    }

    /// `inbound/virus`; `next hop` and `disk` for what every message needs.
    package var stage: String
    /// What was broken, in words.
    package var broke: String
    package var fault: Fault
    package var declared: String
    package var seen: String
    package var judgement: Judgement
}

extension DrillRow {
    package var json: JSONValue {
        let ok: JSONValue =
            switch judgement {
            case .asDeclared: .bool(true)
            case .otherwise: .bool(false)
            case .notTried: .null
            }
        return [
            "stage": .string(stage), "broke": .string(broke), "fault": .string(fault.rawValue),
            "declared": .string(declared), "seen": .string(seen), "ok": ok,
        ]
    }
}
