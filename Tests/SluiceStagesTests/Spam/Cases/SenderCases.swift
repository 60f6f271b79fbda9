// SPDX-License-Identifier: Apache-2.0

extension RuleCase {
    /// `rules/sender.cf`
    static let sender: [RuleCase] = [
        RuleCase(
            "FROM_MANY", hit: .init(from: "Help, <a@example.org>"), miss: .init(from: "\"Help, Inc.\" <a@example.org>")),
        RuleCase("FROM_NO_ADDRESS", hit: .init(from: "\"Some Bank\" <>"), miss: .init(from: "<bank@example.org>")),
        RuleCase("FROM_BROKEN_DOMAIN", hit: .init(from: "Tax <info@tax>"), miss: .init(from: "Tax <info@tax.example>")),
        RuleCase(
            "FROM_RANDOM_DOMAIN", hit: .init(from: "Team <x@q7f2k9xw.com>"),
            miss: .init(from: "Team <x@quicksilver.com>")),
        RuleCase(
            "FROM_RANDOM_USER", hit: .init(from: "Jo <x7k2q9vw@example.org>"),
            miss: .init(from: "Jo <joachim.1977@example.org>")
        ),
        RuleCase(
            "FROM_NAME_OTHER_ADDRESS", hit: .init(from: "\"service@bank.example\" <x@other.example>"),
            miss: .init(from: "\"service@bank.example\" <x@mail.bank.example>")),
        RuleCase(
            "FROM_NAME_OTHER_HOST", hit: .init(from: "Shop.com <x@other.example>"),
            miss: .init(from: "Shop.com <x@mail.shop.com>")
        ),
        RuleCase(
            "FROM_LOOKALIKE", hit: .init(from: "Wal\u{0456}et <x@example.org>"),
            miss: .init(from: "Иван Иванов <x@example.org>")),
        RuleCase(
            "FROM_STYLED", hit: .init(from: "𝐏𝐚𝐲𝐦𝐞𝐧𝐭 <x@example.org>"), miss: .init(from: "Payment <x@example.org>")),
        RuleCase(
            "FROM_PICTURES", hit: .init(from: "🎁 Gift <x@example.org>"), miss: .init(from: "Gift <x@example.org>")),
        RuleCase(
            "FROM_SPACED_LETTERS", hit: .init(from: "S H O P S Team <x@example.org>"),
            miss: .init(from: "J R R Tolkien <x@example.org>")),
        RuleCase(
            "FROM_COUNTED_USER", hit: .init(from: "Jo <smith_jo_48213@example.org>"),
            miss: .init(from: "Jo <smith_jo@example.org>")),
        RuleCase(
            "FROM_CHEAP_DOMAIN", hit: .init(from: "Jo <jo@example.click>"),
            miss: .init(from: "Jo <jo@click.example.org>")),
        RuleCase(
            "FROM_OFFICE_AT_FREEMAIL", hit: .init(from: "Account Security <x@gmail.com>"),
            miss: .init(from: "Account Security <x@example.org>")),
        RuleCase(
            "FROM_BRAND_ELSEWHERE", hit: .init(from: "PayPal <x@example.org>"),
            miss: .init(from: "PayPal <x@mail.paypal.com>")),
        RuleCase(
            "FROM_COMPANY_ELSEWHERE", hit: .init(from: "Wells Fargo <x@example.org>"),
            miss: .init(from: "Wells Fargo <x@alerts.wellsfargo.com>")),
        RuleCase(
            "FROM_PROMISES", hit: .init(from: "Daily Winner <x@example.org>"),
            miss: .init(from: "Tech Specialist <x@example.org>")),
        RuleCase(
            "REPLY_TO_FREEMAIL", hit: .init(add: ["Reply-To: <x@gmail.com>"]),
            miss: .init(add: ["Reply-To: <x@mail.example.org>"])),
        RuleCase(
            "TO_NOBODY", hit: .init(to: "undisclosed-recipients:;"),
            miss: .init(to: "Team: bob@example.net, carol@example.net;")),
        RuleCase(
            "TO_MANY", hit: .init(to: (1...12).map { "p\($0)@example.net" }.joined(separator: ", ")),
            miss: .init(to: (1...3).map { "p\($0)@example.net" }.joined(separator: ", "))),
        RuleCase("FROM_IS_TO", hit: .init(from: "<bob@example.net>"), miss: .init(from: "<bob@example.org>")),
    ]

    /// `rules/header.cf`
    static let header: [RuleCase] = [
        RuleCase(
            "DATE_AHEAD", hit: .init(date: "Tue, 24 Nov 2026 20:00:00 +0000"),
            miss: .init(date: "Tue, 24 Nov 2026 20:00:00 +1200")),
        RuleCase(
            "DATE_ANCIENT", hit: .init(date: "Tue, 24 Nov 0126 07:00:00 +0000"),
            miss: .init(date: "Tue, 24 Nov 26 07:00:00 +0000")),
        RuleCase(
            "DATE_BEHIND", hit: .init(date: "Sat, 21 Nov 2026 07:00:00 +0000"),
            miss: .init(date: "Mon, 23 Nov 2026 07:00:00 +0000")),
        RuleCase("DATE_BROKEN", hit: .init(date: "yesterday"), miss: .init(date: "24 Nov 2026 07:00 GMT")),
        RuleCase("MESSAGE_ID_BROKEN", hit: .init(messageID: "12345"), miss: .init(messageID: "<1@host>")),
        RuleCase("MESSAGE_ID_MISSING", hit: .init(drop: ["Message-ID"]), miss: .init()),
        RuleCase(
            "FIELD_TWICE", hit: .init(add: ["Subject: another"]), miss: .init(add: ["Comments: a", "Comments: b"])),
        RuleCase("SUBJECT_ALL_CAPS", hit: .init(subject: "READ THIS AT ONCE"), miss: .init(subject: "NATO and the EU")),
        RuleCase("SUBJECT_EMPTY", hit: .init(subject: ""), miss: .init(subject: "x")),
        RuleCase(
            "SUBJECT_LOOKALIKE", hit: .init(subject: "Your \u{0430}ccount"), miss: .init(subject: "Ваш счёт from Ann")),
        RuleCase("SUBJECT_STYLED", hit: .init(subject: "𝗬𝗼𝘂𝗿 order"), miss: .init(subject: "Your order, №3")),
        RuleCase("SUBJECT_PICTURES", hit: .init(subject: "Party 🎉"), miss: .init(subject: "Party!")),
        RuleCase(
            "SUBJECT_SPACED_LETTERS", hit: .init(subject: "C h e a p pills"), miss: .init(subject: "Plan A or B or C")),
        RuleCase(
            "SUBJECT_NAMES_ADDRESS", hit: .init(subject: "bob@example.net, look"),
            miss: .init(subject: "carol@example.net has moved")),
        RuleCase(
            "SUBJECT_FAR_TAIL", hit: .init(subject: "Look at this       k2f9"), miss: .init(subject: "Look at  this")),
        RuleCase(
            "SUBJECT_RANDOM_TAIL", hit: .init(subject: "Rates are down. xkcdq"),
            miss: .init(subject: "Rates are down. Read on")),
        RuleCase("SUBJECT_EXCLAIMS", hit: .init(subject: "Look here!!"), miss: .init(subject: "Look here!")),
        RuleCase("SUBJECT_MONEY", hit: .init(subject: "Only $ 20"), miss: .init(subject: "Only 20")),
        RuleCase(
            "SUBJECT_ADVERTISEMENT", hit: .init(subject: "ADV: new carpets"), miss: .init(subject: "Advent calendar")),
        RuleCase(
            "SUBJECT_FALSE_REPLY", hit: .init(subject: "Re: your call"),
            miss: .init(subject: "Re: your call", add: ["In-Reply-To: <1@example.net>"])),
        RuleCase(
            "MAILER_FALSE_OUTLOOK", hit: .init(add: ["X-Mailer: Microsoft Outlook Express 6.00"]),
            miss: .init(add: [
                "X-Mailer: Microsoft Outlook Express 6.00", "X-MimeOLE: Produced By Microsoft MimeOLE V6.00",
            ])),
        RuleCase(
            "MAILER_PRIORITY_ONLY", hit: .init(add: ["X-MSMail-Priority: High"]),
            miss: .init(add: ["X-MSMail-Priority: High", "X-MimeOLE: Produced By Microsoft MimeOLE V6.00"])),
        RuleCase(
            "MAILER_FOR_BULK", hit: .init(add: ["X-Mailer: The Bulk Master 3"]),
            miss: .init(add: ["X-Mailer: Mutt 2.2"])),
        RuleCase("PRIORITY_HIGH", hit: .init(add: ["X-Priority: 1"]), miss: .init(add: ["X-Priority: 3"])),
        RuleCase(
            "HELO_FREEMAIL",
            hit: .init(
                received: "from hotmail.com (unknown [192.0.2.9]) by mx.example.net; Tue, 24 Nov 2026 07:00:05 +0000"),
            miss: .init(
                received:
                    "from hotmail.com (mail.hotmail.com [192.0.2.9]) by mx.example.net; Tue, 24 Nov 2026 07:00:05 +0000"
            )
        ),
        RuleCase(
            "FROM_NOT_BY_PROVIDER", hit: .init(from: "Jo <jo@yahoo.com>"),
            miss: .init(
                from: "Jo <jo@yahoo.com>",
                received:
                    "from web1.mail.yahoo.com (web1.mail.yahoo.com [192.0.2.7]) by mx.example.net; Tue, 24 Nov 2026 07:00:05 +0000"
            )
        ),
        RuleCase(
            "SUBJECT_RAW_8_BIT", hit: .init(subject: "Grüße"), miss: .init(subject: "=?utf-8?Q?Gr=C3=BC=C3=9Fe?=")),
    ]
}
