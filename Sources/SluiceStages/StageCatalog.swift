// SPDX-License-Identifier: Apache-2.0
package import SluiceCore
package import SluiceFilter

/// The stages that there are. A new stage is one folder beside this file and one line in this list.
package enum StageCatalog {
    package static let stages: [any FilterStage.Type] = [
        DKIMSignStage.self,
        DKIMVerifyStage.self,
        MilterStage.self,
        SPFStage.self,
        SpamStage.self,
        VirusStage.self,
    ]

    /// The names that the configuration may use, sorted.
    package static var names: [String] { stages.map { $0.name }.sorted() }

    /// Reads the section of the stage of that name; `nil` where there is no such stage.
    package static func blueprint(_ name: String, reading section: ConfigurationSection) -> StageBlueprint? {
        stages.first { $0.name == name }.map { read($0, section) }
    }

    private static func read<Stage: FilterStage>(_ type: Stage.Type, _ section: ConfigurationSection) -> StageBlueprint
    {
        StageBlueprint(type, reading: section)
    }
}
