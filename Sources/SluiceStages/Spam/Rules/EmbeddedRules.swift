// SPDX-License-Identifier: Apache-2.0

/// The rules that come with Sluice (`/rules/*.cf`), compiled once.
package enum EmbeddedRules {
    package static let ruleSet = RuleSet(files)

    /// In the order of their names, as a folder of them is read.
    static var files: [RuleFile] {
        [
            ("account", PackageResources.account_cf), ("attachment", PackageResources.attachment_cf),
            ("bulk", PackageResources.bulk_cf), ("fraud", PackageResources.fraud_cf),
            ("goods", PackageResources.goods_cf), ("header", PackageResources.header_cf),
            ("html", PackageResources.html_cf), ("link", PackageResources.link_cf),
            ("sender", PackageResources.sender_cf), ("text", PackageResources.text_cf),
        ].map { name, octets in RuleFile(reading: octets, file: "rules/\(name).cf") }
    }
}
