// SPDX-License-Identifier: Apache-2.0
import NIOCore
import SluiceCore

@testable import SluiceMilter

/// The header section of a message as Postfix or Sendmail holds it, by the rules of docs/milter.md.
struct MTAHeaderModel {
    enum Kind: CaseIterable { case postfix, sendmail }
    private enum Place { case own, message }
    private struct Slot {
        var place: Place
        var name: String
        /// `nil`: deleted, or a place that Sendmail keeps ready.
        var value: String?
    }

    let kind: Kind
    private var slots: [Slot]
    private(set) var body: String?

    init(_ kind: Kind, _ header: HeaderSection) {
        self.kind = kind
        slots = [Slot(place: .own, name: "Received", value: " by the MTA")]
        if kind == .sendmail {
            slots += ["Resent-Date", "Date", "Resent-From", "From", "Full-Name", "Resent-Message-Id", "Message-Id"]
                .map { Slot(place: .own, name: $0, value: nil) }
        }
        slots += header.fields.map {
            Slot(
                place: .message, name: $0.name,
                value: String(buffer: $0.rawValue).replacing("\r\n", with: "\n"))
        }
    }

    mutating func take(_ modification: MilterReply) {
        switch modification {
        case .insertField(let index, let name, let value):
            let index = kind == .sendmail ? max(0, Int(Int32(bitPattern: index))) : Int(index)
            slots.insert(
                Slot(place: .message, name: String(buffer: name), value: String(buffer: value)),
                at: min(index, slots.count))
        case .changeField(let index, let name, let value):
            let name = String(buffer: name)
            let own = slots.indices.filter {
                slots[$0].place == .message && slots[$0].name.lowercased() == name.lowercased()
            }
            guard own.indices.contains(Int(index) - 1) else { return }
            let slot = own[Int(index) - 1]
            switch kind {
            case .postfix where value.readableBytes == 0: slots.remove(at: slot)
            case .postfix: slots[slot] = Slot(place: .message, name: name, value: String(buffer: value))
            case .sendmail: slots[slot].value = value.readableBytes == 0 ? nil : String(buffer: value)
            }
        case .replaceBody(let octets): body = String(buffer: octets)
        default: return
        }
    }

    /// `name:value` of each field that is delivered, names in lower case, from the top.
    var delivered: [String] {
        slots.compactMap { slot in slot.value.map { "\(slot.name.lowercased()):\($0)" } }
    }
}
