// SPDX-License-Identifier: Apache-2.0

/// A header section while edits are made to it.
///
/// A stranger's header may hold thousands of fields that are all to be deleted, so no edit walks through all of them:
/// where the fields of a name stand is looked up once and kept until a field is added.
struct HeaderEditor {
    /// `nil` where a field was deleted.
    private var slots: [HeaderField?]
    private var count: Int
    /// The slots that hold the fields of each name, in lower case; `nil` where that has to be looked up anew.
    private var slotsByName: [String: [Int]]?

    init(_ fields: [HeaderField]) {
        slots = fields
        count = fields.count
    }

    var fields: [HeaderField] { slots.compactMap { $0 } }

    /// Adds a field before the one at that place, counted from 0; `nil` is the end of the section.
    mutating func add(_ field: HeaderField, at position: Int?) {
        if count < slots.count { slots = fields }
        slots.insert(field, at: max(0, min(position ?? count, count)))
        count += 1
        slotsByName = nil
    }

    /// Changes the n-th field of that name, counted from 1; nothing where there is none.
    mutating func change(_ name: String, _ occurrence: Int, to field: HeaderField) {
        withSlots(of: name) { slots, own in
            guard occurrence > 0, occurrence <= own.count else { return }
            slots[own[occurrence - 1]] = field
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
        of name: String, _ body: (inout [HeaderField?], inout [Int]) -> Value
    ) -> Value {
        var byName = slotsByName ?? places()
        slotsByName = nil  // so that the lists have one owner and change in place
        defer { slotsByName = byName }
        return body(&slots, &byName[name.asciiLowercased(), default: []])
    }

    private func places() -> [String: [Int]] {
        var places: [String: [Int]] = [:]
        for (index, field) in slots.enumerated() {
            if let field { places[field.name.asciiLowercased(), default: []].append(index) }
        }
        return places
    }
}
