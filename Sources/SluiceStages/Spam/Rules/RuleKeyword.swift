// SPDX-License-Identifier: Apache-2.0

/// The keywords of SpamAssassin's rule language and what Sluice makes of them.
enum RuleKeyword: String, CaseIterable {
    case header, body, rawbody, uri, meta, score, describe

    /// Keywords of the language that are not there yet: a line that begins with one is named and left out.
    static let later: Set<String> = [
        "full", "mimeheader", "tflags", "test", "priority", "reuse", "lang", "require_version", "version_tag",
        "required_score", "required_hits", "rewrite_header", "add_header", "remove_header", "clear_headers", "report",
        "report_safe", "clear_report_template", "unsafe_report", "clear_unsafe_report_template", "loadplugin",
        "tryplugin", "include", "if", "ifplugin", "else", "endif", "redirector_pattern", "replace_rules",
        "replace_start", "replace_end", "replace_tag", "replace_inter", "replace_pre", "replace_post",
        "enlist_uri_host",
        "enlist_addrlist", "freemail_domains", "freemail_whitelist", "freemail_welcomelist",
        "freemail_import_whitelist_auth",
        "freemail_import_def_whitelist_auth", "freemail_import_welcomelist_auth",
        "freemail_import_def_welcomelist_auth",
        "freemail_add_describe_email", "uridnsbl", "urirhsbl", "urirhssub", "urinsrhsbl", "urinsrhssub",
        "urifullnsrhsbl",
        "urifullnsrhssub", "uridnsbl_skip_domain", "util_rb_tld", "util_rb_2tld", "util_rb_3tld", "clear_util_rb",
        "askdns", "askdns_query", "dns_query_restriction", "dns_available", "blacklist_from", "blocklist_from",
        "whitelist_from", "welcomelist_from", "unwhitelist_from", "unwelcomelist_from", "whitelist_from_rcvd",
        "welcomelist_from_rcvd", "def_whitelist_from_rcvd", "def_welcomelist_from_rcvd", "whitelist_auth",
        "welcomelist_auth", "def_whitelist_auth", "def_welcomelist_auth", "whitelist_from_dkim",
        "welcomelist_from_dkim",
        "def_whitelist_from_dkim", "def_welcomelist_from_dkim", "whitelist_from_spf", "welcomelist_from_spf",
        "def_whitelist_from_spf", "def_welcomelist_from_spf", "whitelist_to", "welcomelist_to", "more_spam_to",
        "all_spam_to", "blacklist_to", "blocklist_to", "blacklist_uri_host", "blocklist_uri_host",
        "whitelist_uri_host", "welcomelist_uri_host", "trusted_networks", "internal_networks", "msa_networks",
        "clear_trusted_networks", "clear_internal_networks", "always_trust_envelope_sender", "envelope_sender_header",
        "use_bayes", "use_bayes_rules", "use_learner", "bayes_ignore_header", "bayes_auto_learn", "bayes_path",
        "bayes_auto_learn_threshold_spam", "bayes_auto_learn_threshold_nonspam", "normalize_charset", "ok_locales",
        "ok_languages", "skip_rbl_checks", "use_razor2", "use_pyzor", "use_dcc", "use_auto_whitelist",
        "use_auto_welcomelist", "rbl_timeout", "shortcircuit", "url_shortener", "max_short_urls", "adsp_override",
        "header_test", "rbl_headers", "fns_ignore_dkim", "fns_check", "ignore_always_matching_regexps", "score_set",
        "vbounce_relays", "welcomelist_bounce_relays", "whitelist_bounce_relays", "hashbl_email_whitelist",
        "hashbl_email_welcomelist", "hashbl_email_regex", "hashbl_ignore", "subjprefix", "util_rb", "geodb_options",
    ]
}
