# SPDX-License-Identifier: Apache-2.0
# Exim by SMTP and Dovecot by LMTP as next hops, in clear and over TLS: nexthops.pl PROGRAMS TEMPORARY
use strict;
use warnings;
use Check;
use Dovecot;
use Exim;
use Messages;
use Peer;
use Sluice;

my ($programs, $temporary) = @ARGV;
my $certificate = certificate("$temporary/chain.pem");
my %messages = Messages::all();
my @names = sort keys %messages;
my @many = map {"many-$_"} 1 .. 150;
my @mailboxes = ((map { lc "case-$_" } @names), @many, qw(sender-rcpt sender-content one two three four full));
my $from = 'anna@client.test';

section('Set-up');
my %hop = (
    exim => Exim->start('exim', "$temporary/exim", 'exim.test : exim.any.test', \@mailboxes, undef, {}),
    'exim-tls' => Exim->start('exim-tls', "$temporary/exim-tls", 'exim-tls.test : exim-tls.any.test', \@mailboxes, $certificate, {}),
    dovecot => Dovecot->start("$temporary/dovecot", \@mailboxes, undef),
    'dovecot-tls' => Dovecot->start("$temporary/dovecot-tls", \@mailboxes, $certificate),
);
my $mx = free_port();
my $sluice = Sluice->new($programs, "$temporary/sluice", {answers => $mx});
my %route = map { my $kind = /exim/ ? 'smtp' : 'lmtp'; $_ => "$kind://127.0.0.1:$hop{$_}{port}" } keys %hop;
my $domains = join '', map {"    $_.test: {route: \"$route{$_}\", recipients: next_hop}\n    $_.any.test: {route: \"$route{$_}\", recipients: any}\n"} sort keys %hop;
$sluice->serve(<<"END");
hostname: mx.sluice.test
state: state
listeners:
  - {name: mx, protocol: smtp, address: "127.0.0.1:$mx", pipeline: empty}
relay:
  domains:
$domains
pipelines: {empty: []}
limits: {message_size: 40MB}
queue: {first_retry: 1s, max_retry: 2s, expire: 1d}
END
for my $name (sort keys %hop) { ok(wait_until(30, sub { $hop{$name}->ready }), "$name listens") or finish() }
ok(wait_until(30, sub { $sluice->ready }), 'Sluice listens') or finish();

for my $name (sort keys %hop) {
    my $is_exim = $name =~ /exim/;
    section("Sluice delivers to $name: what arrives is what was sent");
    for my $case (@names) {
        like(send_message($mx, $from, [lc "case-$case\@$name.test"], $messages{$case}), qr/^250 /, "$case is accepted");
    }
    for my $case (@names) {
        my $sent = $messages{$case};
        # Exim's Maildirs have LF, and it writes an empty line behind the header section where there is no body.
        $sent =~ s/\r\n/\n/g if $is_exim;
        $sent .= "\n" if $is_exim && $case eq 'no-body';
        octets_same(arrived($name, lc "case-$case"), $sent, "$case arrives octet for octet");
    }
    my $first = arrived($name, 'case-plain');
    my $protocol = $is_exim ? 'esmtp' : 'LMTP';
    if ($name =~ /-tls$/) { like($first, qr/(?=.*TLSv?1\.[23]).*with ${protocol}S\b/is, 'over TLS, says the Received field') }
    else { like($first, qr/with $protocol\b(?!.*TLS)/is, 'in clear, says the Received field') }

    section("$name: recipients that differ");
    my $reply = send_message($mx, $from, [map {"$_\@$name.test"} @many], $messages{plain});
    like($reply, qr/^250 /, 'one message for 150 recipients is accepted');
    is(wait_until(30, sub { my $n = grep { $hop{$name}->message($_) } @many; $n == @many ? $n : 0 }), 150, 'and arrives at each');
    is(copies($name, @many), 150, 'once');
    $reply = send_message($mx, $from, ["stranger\@$name.test"], $messages{plain});
    like($reply, qr/^550 5\.1\.1 /, 'whom it does not know is refused at RCPT, where it is asked');
    is($sluice->trace_of($reply)->{disposition}, 'reject', 'and sluice trace says');
    $reply = send_message($mx, "sender-rcpt\@$name.test", [map {"$_\@$name.any.test"} qw(one stranger two)], $messages{plain});
    like($reply, qr/^250 /, 'where it is not asked, one unknown among three is accepted');
    bounced($name, 'sender-rcpt', "stranger\@$name.any.test", $is_exim ? qr/5\.1\.1 no such mailbox/ : qr/550 5\.1\.1 .*User doesn't exist/);
    delivered($name, $reply, 'one', 'two');
    if ($is_exim) {
        $reply = send_message($mx, "sender-content\@$name.test", ["one\@$name.test"], Messages::header('refused by the next hop') . "\r\nx\r\n");
        like($reply, qr/^250 /, 'what Exim will refuse after its content is accepted');
        bounced($name, 'sender-content', "one\@$name.test", qr/this subject is not wanted here/);
        is(copies($name, 'one'), 1, 'and it does not arrive: messages in that mailbox');
    } else {
        $reply = send_message($mx, "sender-content\@$name.test", [map {"$_\@$name.test"} qw(three full four)], $messages{'long-lines'});
        like($reply, qr/^250 /, 'one full mailbox among three, which Dovecot says after the content, is accepted');
        bounced($name, 'sender-content', "full\@$name.test", qr/552 5\.2\.2 .*Quota exceeded/);
        delivered($name, $reply, 'three', 'four');
    }
}

section('The account');
wait_until(30, sub { my ($account) = $sluice->ask('account'); $account && $account->{queued} == 0 });
my ($account) = $sluice->ask('account');
is($account->{$_}, 0, $_) for qw(unaccounted queued);
is($account->{chain}, 'intact', 'the chain of the ledger');
is($sluice->stop, 0, 'exit code at SIGTERM');
my @alarming = grep {/"level": "(?:error|critical)"|Fatal error/} split /\n/, $sluice->log;
is(scalar @alarming, 0, 'errors in the log') or print map {"        $_\n"} @alarming;
finish();

sub arrived { my ($name, $mailbox) = @_; return wait_until(20, sub { $hop{$name}->message($mailbox) }) }

sub copies { my ($name, @mailboxes) = @_; return scalar map { glob "$hop{$name}{folder}/mail/$_/new/*" } @mailboxes }

# The others have it, once, and the record says so.
sub delivered {
    my ($name, $reply, @others) = @_;
    arrived($name, $_) for @others;
    is(copies($name, @others), scalar @others, 'the others have it once each: messages');
    my $record = $sluice->trace_of($reply) // {};
    is(join(' ', sort map { $_->{state} } @{$record->{recipients}}), 'bounced delivered delivered', 'sluice trace says');
}

# One notification, of that recipient alone, with those words.
sub bounced {
    my ($name, $sender, $recipient, $pattern) = @_;
    my $notification = arrived($name, $sender) // '';
    is(join(' ', $notification =~ /^Final-Recipient: rfc822; *(\S+)/mg), $recipient, 'the sender gets a notification, of that one alone');
    like($notification =~ s/\r?\n[ \t]+/ /gr, $pattern, 'with the words of the next hop');
    is(copies($name, $sender), 1, 'notifications');
}

sub finish {
    $_->stop for values %hop;
    my $status = summary();
    if ($status && $ENV{SLUICE_PEERS_LOGS}) {
        print "\n-- Sluice\n", substr $sluice->log, -8000;
        print "\n-- $_\n", substr $hop{$_}->log, -4000 for sort keys %hop;
    }
    exit $status;
}
