// SPDX-License-Identifier: Apache-2.0

/// Where a record or a macro-string departs from the grammar of RFC 7208 §12.
package struct SPFSyntaxError: Error, Equatable, CustomStringConvertible {
    /// What is wrong, in words.
    package let description: String

    init(_ description: String) { self.description = description }

    /// - Parameters:
    ///   - term: the octets at fault, shown with their unprintable ones replaced.
    ///   - fault: what is wrong with them.
    init(_ term: some Collection<UInt8>, _ fault: String) {
        description = "'\(SPFText.shown(term))': \(fault)"
    }
}
