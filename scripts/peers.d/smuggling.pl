# SPDX-License-Identifier: Apache-2.0
# The smuggling matrix, in and out, with Postfix and Exim behind us, which count the messages that reach them:
# smuggling.pl PROGRAMS TEMPORARY
use strict;
use warnings;
use Check;
use Exim;
use Milter;
use Peer;
use Postfix;
use Sluice;
use Smuggler;

my ($programs, $temporary) = @ARGV;
my @boxes = qw(carrier victim ready);
my @sequences = sequences();
my %exim = (smtp_enforce_sync => 'false', smtp_max_synprot_errors => 1000, smtp_max_unknown_commands => 1000);

section('Set-up');
# As lenient as they can be, and as strict.
my %lenient = (smtpd_forbid_bare_newline => 'no', smtpd_forbid_unauth_pipelining => 'no', smtpd_error_sleep_time => 0,
    smtpd_soft_error_limit => 1000, smtpd_hard_error_limit => 1000, smtpd_junk_command_limit => 1000);
my %hop = (
    postfix => Postfix->start('postfix', "$temporary/postfix", 'postfix.test', \@boxes, certificate("$temporary/chain.pem"), {%lenient}),
    'postfix-strict' => Postfix->start('postfix-strict', "$temporary/strict", 'postfix-strict.test', \@boxes, "$temporary/chain.pem",
        {smtpd_forbid_bare_newline => 'yes', smtpd_forbid_unauth_pipelining => 'yes'}),
    exim => Exim->start('exim', "$temporary/exim", 'exim.test', \@boxes, undef, \%exim),
);
my @names = sort keys %hop;
my $filter = Milter->start("$temporary/filter", free_port());
my %port = map { $_ => free_port() } qw(in out);
my $sluice = Sluice->new($programs, "$temporary/sluice", {answers => $port{in}});
my $domains = join '', map {"    $_.test: {route: \"smtp://127.0.0.1:$hop{$_}{port}\", recipients: any}\n"} @names;
$sluice->serve(<<"END");
hostname: mx.sluice.test
state: state
listeners:
  - {name: in, protocol: smtp, address: "127.0.0.1:$port{in}", pipeline: empty}
  - {name: out, protocol: smtp, address: "127.0.0.1:$port{out}", pipeline: edited}
relay:
  domains:
$domains
pipelines:
  empty: []
  edited: [{milter: {name: filter, address: "127.0.0.1:$filter->{port}", idle_time: 1ms}}]
limits: {errors: 1000}
queue: {first_retry: 1s, max_retry: 2s, expire: 1d}
END
for my $name (@names) { ok(wait_until(30, sub { $hop{$name}->ready }), "$name listens") or finish() }
ok(wait_until(30, sub { $sluice->ready }), 'Sluice listens') or finish();

section('Without Sluice: how many of the 25 each takes for an end, so that a smuggled message arrives');
# Exim takes bare LF for line ends where the first line ends in one.
my %direct;
for my $name (@names) {
    for my $first ("\r\n", "\n") {
        my $got = 0;
        for (@sequences) {
            my @replies = smuggle($hop{$name}{port}, "carrier\@$name.test", "victim\@$name.test", $_->[1], $first);
            $got++ if 2 == grep {/^250 .*(?:queued as|OK id=)/} @replies;
        }
        $direct{$name} = $got if $got > ($direct{$name} // 0);
    }
    $direct{$name} //= 0;
    settled($name);
    ok(emptied($name, 'victim') >= $direct{$name}, "$name: $direct{$name} of 25");
    emptied($name, 'carrier');
}
ok($direct{$_} > 1, "$_ can be deceived: this set would see it", $direct{$_}) for qw(postfix exim);

for my $name (@names) {
    section("In: client, Sluice, $name");
    for my $first ("\r\n", "\n", "\r") {
        my ($sent, $in_step, $smuggled) = (0, 0, 0);
        for (@sequences) {
            my ($sequence, $octets) = @$_;
            my @replies = smuggle($port{in}, "carrier\@$name.test", "victim\@$name.test", $octets, $first);
            my $accepted = grep {/^250 .*accepted as/} @replies;
            # CR LF . CR LF is the end, and what follows it is another message that the client sent, as it is told.
            my $is_end = $octets eq "\r\n.\r\n";
            # One reply and that to QUIT; where the end is in doubt the session is closed, and nothing behind it is read.
            my $wanted = $is_end ? qr/^250 250 250 354 250 221$/ : $octets eq "\r\r\n.\r\n" ? qr/^554 421$/ : qr/^554 221$/;
            my $codes = join ' ', map { substr $_, 0, 3 } @replies;
            if ($codes =~ $wanted || $is_end && $first ne "\r\n" && $codes eq '554 250 250 354 250 221') { $in_step++ }
            else { print "        $sequence: $codes\n" }
            $sent += $accepted;
            $smuggled += $accepted if !$is_end;
        }
        my $which = $first =~ s/\r/CR/r =~ s/\n/LF/r;
        is($in_step, 25, "first line ends in $which: sessions of 25 that go as they have to");
        is($smuggled, 0, 'of 24 sequences that are no end, accepted');
        settled($name);
        my $arrived = emptied($name, 'carrier') + emptied($name, 'victim');
        is($arrived, $sent, "messages that arrive, of $sent that were accepted");
    }
}

for my $name (@names) {
    section("Out: a filter in the chain puts the octets into the content, Sluice, $name");
    my $text = "Subject: carrier\r\n\r\ntext\r\n";
    my %way = (
        'a new body' => sub { body("body$_[0]" . cargo("victim\@$name.test") . 'end') },
        'a new body that begins with it' => sub { body(substr($_[0], index $_[0], '.') . cargo("victim\@$name.test")) },
        'a new body that ends with it' => sub { body("body$_[0]") },
        'a new body, octet by octet' => sub { map { body($_) } split //, "body$_[0]" . cargo("victim\@$name.test") },
        'a field added' => sub { add('X-New', " one$_[0]" . cargo("victim\@$name.test")) },
        'a field inserted at the top' => sub { insert(0, 'X-New', " one$_[0]" . cargo("victim\@$name.test")) },
    );
    for my $way (sort keys %way) {
        my $accepted = 0;
        for (@sequences) {
            $filter->script({at => {E => [$way{$way}->($_->[1]), 'c']}});
            my $reply = send_message($port{out}, 'anna@client.test', ["carrier\@$name.test"], $text);
            if ($reply =~ /^250 /) { $accepted++ }
            elsif ($way =~ /body/) { print "        $_->[0]: $reply\n" }
        }
        settled($name);
        is($accepted, 25, "$way: accepted") if $way =~ /body/;
        is(emptied($name, 'carrier', qr/body|smuggled/), $accepted, "$way: messages that arrive, with what the filter put in");
        is(emptied($name, 'victim'), 0, "$way: extra messages");
    }
    my %envelope = (
        'a reverse-path' => sub { sender("<a\@client.test$_[0]" . cargo("victim\@$name.test") . '>') },
        'a recipient' => sub { recipient("<ready\@$name.test$_[0]" . cargo("victim\@$name.test") . '>') },
    );
    for my $way (sort keys %envelope) {
        my $accepted = 0;
        for ("\r\n", "\n", "\r", ">\r\n", ">\n") {
            $filter->script({at => {E => [$envelope{$way}->($_), 'c']}});
            $accepted++ if send_message($port{out}, 'anna@client.test', ["carrier\@$name.test"], $text) =~ /^250 /;
        }
        is($accepted, 0, "$way with commands in it, of five: accepted");
        settled($name);
        is(emptied($name, 'carrier'), $accepted, "$way with commands in it, of five: messages that arrive");
        is(emptied($name, 'victim'), 0, "$way: extra messages");
    }
}

section('The account');
my ($account) = $sluice->ask('account');
is($account->{$_}, 0, $_) for qw(unaccounted queued);
is($account->{chain}, 'intact', 'the chain of the ledger');
is($sluice->stop, 0, 'exit code at SIGTERM');
finish();

# Waits until nothing is under way: Sluice's queue is empty and what stands behind it has delivered what it took.
sub settled {
    my ($name) = @_;
    my $hop = $hop{$name};
    my $rest = wait_until(30, sub {
        my ($account) = $sluice->ask('account');
        my $here = $account ? $account->{queued} : 1;
        my @there = $name eq 'exim' ? glob("$hop->{folder}/spool/input/*-H") : $hop->run('postqueue', '-j') =~ /\S/;
        return !$here && !@there;
    });
    ok(0, "$name settles") unless $rest;
}

# How many messages lie in that mailbox, which is emptied; only those with that in them.
sub emptied {
    my ($name, $mailbox, $pattern) = @_;
    my @files = glob "$hop{$name}{folder}/mail/$mailbox/new/*";
    my $count = grep { !$pattern || read_file($_) =~ $pattern } @files;
    unlink @files;
    return $count;
}

sub finish {
    $_->stop for grep {defined} values %hop, $filter;
    my $status = summary();
    if ($status && $ENV{SLUICE_PEERS_LOGS}) {
        print "\n-- Sluice\n", substr $sluice->log, -8000 if $sluice;
        print "\n-- $_\n", substr $hop{$_}->log, -6000 for @names;
    }
    exit $status;
}
