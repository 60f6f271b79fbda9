// SPDX-License-Identifier: Apache-2.0

/// Takes decision records and what became of each recipient: written to the history, found again by `sluice trace`.
///
/// After a crash the journal tells again what may not have reached the disk: a decision with an id that is there
/// already replaces it, and a step that equals one that is there already changes nothing.
package protocol HistoryRecorder: Sendable {
    /// Records a decision. It does not wait for the disk; what was accepted is in the journal already.
    func record(_ decision: DecisionRecord)

    /// Records a step of one recipient. It does not wait for the disk.
    func recordStep(_ step: RecipientStep)

    /// Returns when what was recorded so far is on stable storage: the journal asks before it lets go of a segment.
    ///
    /// - Throws: where that is not certain; the journal then keeps the segment.
    func synchronize() throws
}
