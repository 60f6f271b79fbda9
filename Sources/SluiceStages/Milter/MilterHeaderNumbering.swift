// SPDX-License-Identifier: Apache-2.0
import SluiceCore

/// The fields of a header section as a filter numbers them while it asks for changes.
///
/// Filters are written for Sendmail, whose numbers hold: a field that was deleted keeps its number, and the first place
/// is 1 (0 is taken for it). ``MessageEdit`` counts what is there, from 0 and 1. This translates.
struct MilterHeaderNumbering {
    private struct Slot {
        /// The number of its name.
        var name: Int
        /// Its place in the section that the filter saw; `nil` for a field that it added.
        var origin: Int?
        var isDeleted = false
    }

    private let header: HeaderSection
    private var slots: [Slot] = []
    private var numbers: [String: Int] = [:]

    init(_ header: HeaderSection) {
        self.header = header
        slots.reserveCapacity(header.fields.count)
        for (index, field) in header.fields.enumerated() {
            slots.append(Slot(name: number(of: field.name), origin: index))
        }
    }

    /// A field at the end.
    mutating func add(_ name: String, _ value: String) -> MessageEdit {
        slots.append(Slot(name: number(of: name), origin: nil))
        return .addField(name: name, value: value, position: nil)
    }

    /// A field at a place counted from 1; past the end is the end.
    mutating func insert(_ index: UInt32, _ name: String, _ value: String) -> MessageEdit {
        let place = min(slots.count, max(0, Int(index) - 1))
        slots.insert(Slot(name: number(of: name), origin: nil), at: place)
        return .addField(name: name, value: value, position: fields(before: place))
    }

    /// Another value for the n-th field of that name. An empty value deletes it; where there is none, the field is added.
    ///
    /// - Returns: `nil` where nothing changes.
    mutating func change(_ index: UInt32, _ name: String, _ value: String) -> MessageEdit? {
        let number = number(of: name)
        var rest = max(1, Int(index))
        var occurrence = 0
        for place in slots.indices where slots[place].name == number {
            rest -= 1
            if !slots[place].isDeleted { occurrence += 1 }
            if rest == 0 { return change(at: place, occurrence, name, value) }
        }
        return value.isEmpty ? nil : add(name, value)
    }

    private mutating func change(at place: Int, _ occurrence: Int, _ name: String, _ value: String) -> MessageEdit? {
        if slots[place].isDeleted {
            guard !value.isEmpty else { return nil }
            slots[place].isDeleted = false
            return .addField(name: name, value: value, position: fields(before: place))
        }
        let written = slots[place].origin.map { header.fields[$0].name } ?? name
        if value.isEmpty {
            slots[place].isDeleted = true
            return .deleteField(name: written, occurrence: occurrence)
        }
        return .changeField(name: written, occurrence: occurrence, value: value)
    }

    private func fields(before place: Int) -> Int { slots[..<place].count { !$0.isDeleted } }

    private mutating func number(of name: String) -> Int {
        let key = name.asciiLowercased()
        if let number = numbers[key] { return number }
        numbers[key] = numbers.count
        return numbers.count - 1
    }
}
