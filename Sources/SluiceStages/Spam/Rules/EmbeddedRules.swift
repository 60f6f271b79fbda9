// SPDX-License-Identifier: Apache-2.0

/// The rules that come with Sluice (`/rules/*.cf`), compiled once.
package enum EmbeddedRules {
    package static let ruleSet = RuleSet([
        RuleFile(reading: PackageResources.sluice_cf, file: "rules/sluice.cf")
    ])
}
