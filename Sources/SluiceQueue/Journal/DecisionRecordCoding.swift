// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials
import NIOCore
import SluiceCore

/// Decision records stand in the journal as JSON, so that later versions can read what earlier ones wrote.
enum DecisionRecordCoding {
    static func encode(_ record: DecisionRecord) throws(JournalError) -> ByteBuffer {
        do {
            return ByteBuffer(bytes: try JSONEncoding.octets(of: record))
        } catch {
            throw .invalid("a decision record that is no JSON: \(error)")
        }
    }

    static func decode(_ octets: ByteBuffer) throws(JournalError) -> DecisionRecord {
        do {
            return try JSONDecoder().decode(DecisionRecord.self, from: Data(octets.readableBytesView))
        } catch {
            throw .damaged("a decision record: \(error)")
        }
    }
}
