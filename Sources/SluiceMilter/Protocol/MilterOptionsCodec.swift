// SPDX-License-Identifier: Apache-2.0
import NIOCore

/// The payload of an option negotiation: three numbers, and in a filter's answer perhaps lists of macros (the step's
/// number, then names with a space between).
extension MilterOptions {
    /// - Throws: ``MilterPacketError/malformed(code:_:)``. Lists for steps that we don't know are left out.
    init(_ fields: inout MilterPacketFields) throws(MilterPacketError) {
        version = try fields.integer("the version")
        actions = MilterActions(rawValue: try fields.integer("the actions"))
        steps = MilterSteps(rawValue: try fields.integer("the steps"))
        macroLists = [:]
        while !fields.isAtEnd {
            let number: UInt32 = try fields.integer("the number of a macro list")
            let list = try fields.text("a list of macros")
            let names = String(buffer: list).split(separator: " ", maxSplits: MilterPacketFields.limit)
            guard names.count <= MilterPacketFields.limit else {
                throw fields.malformed("more than \(MilterPacketFields.limit) macros in a list")
            }
            guard let step = MilterMacroStep(rawValue: number) else { continue }
            macroLists[step] = names.map { MilterMacros.bare(String($0)) }
        }
    }

    func write(to writer: inout MilterPacketWriter) {
        writer.integer(version)
        writer.integer(actions.rawValue)
        writer.integer(steps.rawValue)
        for step in MilterMacroStep.allCases {
            guard let names = macroLists[step] else { continue }
            writer.integer(step.rawValue)
            writer.text(names.map(MilterMacros.written).joined(separator: " "))
        }
    }
}
