# SPDX-License-Identifier: Apache-2.0
# The set that scripts/peers runs: peers.pl PROGRAMS TEMPORARY
use strict;
use warnings;
use Check;
use Messages;
use Peer;
use Postfix;
use Sink;
use Sluice;
use Swaks;

my ($programs, $temporary) = @ARGV;
my %messages = Messages::all();
my @cases = map { lc "case-$_" } sort keys %messages;
my @many = map {"many-$_"} 1 .. 150;
my ($certificate, $key, $chain) = map {"$temporary/$_.pem"} qw(certificate key chain);
system("openssl req -x509 -newkey rsa:2048 -nodes -keyout $key -out $certificate -days 2 -subj /CN=mx.sluice.test 2>/dev/null") == 0
    or die "openssl\n";
chmod 0600, $key;
write_file($chain, read_file($key) . read_file($certificate));

section('Set-up');
my $sink = Sink->start("$temporary/sink");
my $hop = Postfix->start('hop', "$temporary/hop", 'hop.test', [@cases, @many, 'sender', 'swaks'], $chain, {});
my $sluice = Sluice->start($programs, "$temporary/sluice", $certificate, $key, $hop->{port}, $sink->{port});
my $front = Postfix->start('front', "$temporary/front", 'front.test', ['sender'], $chain, {relayhost => "[127.0.0.1]:$sluice->{mx}"});
ok(wait_until(30, sub { $hop->ready && $front->ready }), 'two Postfixes listen, before and behind Sluice') or finish();
ok(wait_until(30, sub { $sluice->ready }), 'Sluice listens') or finish();

section('Sluice delivers to Postfix: what arrives is what was sent');
my $from = 'anna@client.test';
for my $name (sort keys %messages) {
    my $reply = send_message($sluice->{mx}, $from, [lc "case-$name\@hop.test"], $messages{$name});
    like($reply, qr/^250 /, "$name is accepted");
}
for my $name (sort keys %messages) {
    my $arrived = wait_until(30, sub { $hop->message(lc "case-$name") });
    octets_same($arrived, $messages{$name} =~ s/\r\n/\n/gr, "$name arrives octet for octet (Maildir: LF for CR LF)");
}
my $reply = send_message($sluice->{mx}, $from, [map {"$_\@hop.test"} @many], $messages{plain});
like($reply, qr/^250 /, 'one message for 150 recipients is accepted');
my $arrived = wait_until(30, sub { my $n = grep { $hop->message($_) } @many; $n == @many ? $n : 0 });
is($arrived, 150, 'and arrives at each');
my $first = $hop->message('many-1') // '';
octets_same($first, $messages{plain} =~ s/\r\n/\n/gr, 'octet for octet');
like($first, qr/TLSv1\.[23]/, 'over TLS, which Postfix offers');
$reply = send_message($sluice->{mx}, $from, ['stranger@hop.test'], $messages{plain});
like($reply, qr/^550 5\.1\.1 /, 'whom Postfix does not know is refused at RCPT');
is($sluice->trace_of($reply)->{disposition}, 'reject', 'and sluice trace says');
$reply = send_message($sluice->{mx}, 'sender@hop.test', ['case-plain@hop.test'], Messages::header('refused by the next hop') . "\r\nx\r\n");
like($reply, qr/^250 /, 'what Postfix will refuse after its content is accepted');
$arrived = wait_until(30, sub { $hop->message('sender') });
like($arrived, qr/message\/delivery-status/, 'and its sender gets a notification through Postfix');
like($arrived, qr/this subject is not wanted here/, 'with the reply of Postfix');

section('Postfix delivers to Sluice: what the next hop gets is what was sent');
for my $name (sort keys %messages) {
    like(send_message($front->{port}, $from, [lc "front-$name\@sink.test"], $messages{$name}), qr/^250 /, "Postfix takes $name");
}
for my $name (sort keys %messages) {
    my $arrived = wait_until(30, sub { $sink->message(lc "front-$name") });
    octets_same($arrived, $messages{$name}, "$name arrives octet for octet");
}
like($sink->message('front-plain'), qr/by mx\.sluice\.test \(Sluice\) with ESMTPS/, 'Postfix spoke TLS with Sluice');
send_message($front->{port}, 'sender@front.test', ['swaks@sink.test'], Messages::header('GTUBE') . "\r\n" . Messages::gtube() . "\r\n");
$arrived = wait_until(30, sub { $front->message('sender') });
like($arrived, qr/Diagnostic-Code: smtp; 5\d\d 5\.7\.1/, 'spam is refused, and Postfix tells its sender why');
my ($id) = ($arrived // '') =~ /\(id\s+([0-9a-z]+)\)/;
my ($record) = $sluice->ask('trace', $id // 'none');
is(($record && $record->{turned_on} || {})->{name}, 'GTUBE', 'sluice trace of the id in that notification names the rule');

section('swaks sends through Sluice');
Swaks::run($sluice, $hop, $sink, $temporary);

section('The account');
wait_until(30, sub { my ($account) = $sluice->ask('account'); $account && $account->{queued} == 0 });
my ($account) = $sluice->ask('account');
is($account->{unaccounted}, 0, 'unaccounted');
is($account->{queued}, 0, 'queued');
is($account->{chain}, 'intact', 'the chain of the ledger');
is($sluice->stop, 0, 'exit code at SIGTERM');
my @alarming = grep {/"level": "(?:error|critical)"|Fatal error/} split /\n/, $sluice->log;
is(scalar @alarming, 0, 'errors in the log') or print map {"        $_\n"} @alarming;
finish();

sub finish {
    $_->stop for grep {defined} $hop, $front, $sink;
    my $status = summary();
    if ($status && $ENV{SLUICE_PEERS_LOGS}) {
        print "\n-- Sluice\n", $sluice->log, "\n-- Postfix behind it\n", $hop->log, "\n-- Postfix before it\n", $front->log;
    }
    exit $status;
}
