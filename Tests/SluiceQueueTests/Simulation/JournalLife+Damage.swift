// SPDX-License-Identifier: Apache-2.0
import SluiceCore
import SluiceTesting

@testable import SluiceQueue

extension JournalLife {
    /// An octet of a segment goes bad while no process runs. What stood there is set aside with its reason and can be
    /// salvaged; all else is there, and new mail is taken.
    mutating func endByDamage() async throws {
        try await restart(losesPower: chance(50))
        try await mend()
        await queue.close()
        let segments = disk.files.filter {
            $0.hasPrefix(Self.directory + "/journal/") && disk.octets(of: $0)?.isEmpty == false
        }
        guard let segment = segments.randomElement(using: &generator), let length = disk.octets(of: segment)?.count
        else { throw BrokenPromise("no segment") }
        disk.damage(segment, at: Int.random(in: 0..<length, using: &generator))
        disk.restartProcess()
        history.restart()
        queue = try open()
        counts.add("octets damaged")
        let items = queue.items()
        let found = Set(
            items.flatMap { item in item.recipients.filter { !$0.state.isFinal }.map(\.mailbox.localPart) })
        let lost = Set(model.live.keys.filter { !found.contains($0) }.compactMap { model.message(of: $0) })
        if !queue.setAside.isEmpty {
            counts.add("octets damaged, a part of a segment set aside")
            guard disk.files.contains(where: { $0.hasPrefix("/state/aside/") && $0.hasSuffix(".reason") }) else {
                throw BrokenPromise("no reason beside \(queue.setAside)")
            }
        }
        counts.add("recipients back from a segment before the damage", found.subtracting(model.live.keys).count)
        let salvaged = Set(try await queue.salvage().map(\.messageID))
        guard lost.count <= 1, lost.isSubset(of: salvaged) else {
            throw BrokenPromise("\(lost) lost, \(salvaged) salvaged; set aside: \(queue.setAside)")
        }
        counts.add("messages salvaged", lost.count)
        var damaged = Set(lost)
        for item in items where model.contents[item.messageID] != nil {
            do throws(JournalError) {
                _ = try queue.content(of: item.id)
            } catch {
                guard case .damaged = error else { throw BrokenPromise("\(error)") }
                damaged.insert(item.messageID)
                continue
            }
            guard try queue.octets(of: item.id) == model.contents[item.messageID] else {
                throw BrokenPromise("other content in \(item.messageID)")
            }
        }
        guard damaged.count <= 1 else { throw BrokenPromise("one octet damaged \(damaged)") }
        _ = try await queue.commit(Sample.submission("later", .queued))
        disk.restart()
        queue = try open()
        guard queue.items().contains(where: { $0.messageID == "later" }) else {
            throw BrokenPromise("new mail is lost")
        }
        counts.add(disk.counts)
        counts.add("lives")
    }
}
