// SPDX-License-Identifier: Apache-2.0

/// A header section while edits are made to it.
///
/// A stranger's header may hold thousands of fields that are all to be deleted, so no edit walks through all of them:
/// where the fields of a name stand is looked up once and kept until a field is added.
package struct HeaderEditor {
    /// A field, and its place in the section that the edits began with; `nil` for a field that was added.
    package struct Entry {
        package var field: HeaderField
        package let origin: Int?
    }

    /// `nil` where a field was deleted.
    private var slots: [Entry?]
    private var count: Int
    /// The slots that hold the fields of each name, in lower case; `nil` where that has to be looked up anew.
    private var slotsByName: [String: [Int]]?

    package init(_ fields: [HeaderField]) {
        slots = fields.enumerated().map { Entry(field: $1, origin: $0) }
        count = fields.count
    }

    /// What stands in the section now, from the top.
    package var entries: [Entry] { slots.compactMap { $0 } }
    var fields: [HeaderField] { slots.compactMap { $0?.field } }

    /// Makes an edit; those of envelope and body are none of a header section's.
    package mutating func make(_ edit: MessageEdit) {
        switch edit {
        case .addField(let name, let value, let position): add(HeaderField(name: name, value: value), at: position)
        case .changeField(let name, let occurrence, let value):
            change(name, occurrence, to: HeaderField(name: name, value: value))
        case .deleteField(let name, let occurrence): delete(name, occurrence)
        case .replaceBody, .changeReversePath, .addRecipient, .deleteRecipient: return
        }
    }

    /// Adds a field before the one at that place, counted from 0; `nil` is the end of the section.
    mutating func add(_ field: HeaderField, at position: Int?) {
        if count < slots.count { slots = entries }
        slots.insert(Entry(field: field, origin: nil), at: max(0, min(position ?? count, count)))
        count += 1
        slotsByName = nil
    }

    /// Changes the n-th field of that name, counted from 1; nothing where there is none.
    mutating func change(_ name: String, _ occurrence: Int, to field: HeaderField) {
        withSlots(of: name) { slots, own in
            guard occurrence > 0, occurrence <= own.count else { return }
            slots[own[occurrence - 1]]?.field = field
        }
    }

    /// Deletes the n-th field of that name, counted from 1; nothing where there is none.
    mutating func delete(_ name: String, _ occurrence: Int) {
        let isDeleted = withSlots(of: name) { slots, own in
            guard occurrence > 0, occurrence <= own.count else { return false }
            slots[own.remove(at: occurrence - 1)] = nil
            return true
        }
        if isDeleted { count -= 1 }
    }

    private mutating func withSlots<Value>(
        of name: String, _ body: (inout [Entry?], inout [Int]) -> Value
    ) -> Value {
        var byName = slotsByName ?? places()
        slotsByName = nil  // so that the lists have one owner and change in place
        defer { slotsByName = byName }
        return body(&slots, &byName[name.asciiLowercased(), default: []])
    }

    private func places() -> [String: [Int]] {
        var places: [String: [Int]] = [:]
        for (index, entry) in slots.enumerated() {
            if let entry { places[entry.field.name.asciiLowercased(), default: []].append(index) }
        }
        return places
    }
}
