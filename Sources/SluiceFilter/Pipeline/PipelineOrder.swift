// SPDX-License-Identifier: Apache-2.0

/// Why stages can't stand in that order.
package struct PipelineOrderError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The place of the stage that can't stand where it does, counted from 0.
    package let index: Int
    /// What is wrong and what would be right.
    package let message: String

    package var description: String { message }
}

/// Finds orders that can't work.
package enum PipelineOrder {
    /// - Returns: one error for each stage that can't stand where it does.
    package static func check(_ stages: [(name: String, placement: StagePlacement)]) -> [PipelineOrderError] {
        var errors: [PipelineOrderError] = []
        var seen: [String] = []
        var signer: String?
        for (index, stage) in stages.enumerated() {
            if seen.contains(stage.name), stage.placement.mayRepeat {
                errors.append(
                    PipelineOrderError(
                        index: index,
                        message:
                            "\(stage.name) stands twice in this pipeline, a name of its own for each would be right"))
            } else if seen.contains(stage.name), stage.placement.signs == false {
                errors.append(
                    PipelineOrderError(
                        index: index, message: "\(stage.name) stands twice in this pipeline, once is right"))
            }
            for needed in stage.placement.after where !seen.contains(needed) {
                errors.append(
                    PipelineOrderError(
                        index: index,
                        message: "\(stage.name) needs the results of \(needed), which would have to stand before it"))
            }
            if let signer, stage.placement.edits {
                errors.append(
                    PipelineOrderError(
                        index: index,
                        message:
                            "\(stage.name) changes the message after \(signer) has signed it, it would have to stand before"
                    ))
            }
            if stage.placement.signs { signer = stage.name }
            seen.append(stage.name)
        }
        return errors
    }
}
