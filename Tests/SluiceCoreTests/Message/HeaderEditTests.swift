// SPDX-License-Identifier: Apache-2.0
import NIOCore
import SluiceCore
import SluiceTesting
import Testing

@Suite("Many edits of a header section")
struct HeaderEditTests {
    @Test("random edits give what one edit after the other on a list gives")
    func model() throws {
        let seed = UInt64.random(in: 0 ..< .max)
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<200 {
            var model = (0..<Int.random(in: 0...8, using: &generator)).map { number in
                (name: ["A", "b", "C"].randomElement(using: &generator) ?? "A", value: "\(number)")
            }
            let message = Message(
                header: HeaderSection(model.map { HeaderField(name: $0.name, value: $0.value) }),
                body: MemoryContent(""))
            var edits: [MessageEdit] = []
            for number in 0..<Int.random(in: 0...10, using: &generator) {
                let name = ["a", "B", "c", "D"].randomElement(using: &generator) ?? "a"
                let occurrence = Int.random(in: -1...4, using: &generator)
                let places = model.indices.filter { model[$0].name.lowercased() == name.lowercased() }
                let place = occurrence > 0 && occurrence <= places.count ? places[occurrence - 1] : nil
                switch Int.random(in: 0..<3, using: &generator) {
                case 0:
                    let position = Bool.random(using: &generator) ? Int.random(in: -1...9, using: &generator) : nil
                    edits.append(.addField(name: name, value: "new\(number)", position: position))
                    model.insert(
                        (name, "new\(number)"), at: max(0, min(position ?? model.count, model.count)))
                case 1:
                    edits.append(.changeField(name: name, occurrence: occurrence, value: "changed\(number)"))
                    if let place { model[place] = (name, "changed\(number)") }
                default:
                    edits.append(.deleteField(name: name, occurrence: occurrence))
                    if let place { model.remove(at: place) }
                }
            }
            let fields = message.applying(edits).header.fields
            #expect(fields.map(\.name) == model.map(\.name), "seed \(seed), \(edits)")
            #expect(fields.map(\.value) == model.map(\.value), "seed \(seed), \(edits)")
        }
    }

    @Test("a header of forty thousand fields that all have to go is edited at once", .timeLimit(.minutes(1)))
    func manyDeletions() throws {
        let count = 40_000
        let message = try Message(MemoryContent(String(repeating: "X-Spam-A:1\r\n", count: count) + "\r\n"))
        let edits = (1...count).reversed().map { MessageEdit.deleteField(name: "x-spam-a", occurrence: $0) }
        #expect(
            message.applying(edits + [.addField(name: "N", value: "x", position: 0)]).header.fields.map(\.name) == ["N"]
        )
    }
}
