#!/usr/bin/perl
# SPDX-License-Identifier: Apache-2.0
# Measures what relaying costs, in turns (Benchmarks/relay/run calls it).
#   --rounds N        rounds, each with every relay once (3)
#   --messages N      messages a turn at 4 KiB (3000); half of it at 50 KiB, an eighth at 1 MiB
#   --connections N   connections at once, a new one for each message (50)
#   --only NAME,…     of postfix, sluice, sluice-chain (all)
#   --sizes SIZE,…    of 4K, 50K, 1M (all)
#   --keep SECONDS    leaves everything running after the last turn, for a profiler
use strict;
use warnings;
use Getopt::Long;
use IO::Socket::INET;
use JSON::PP;
use List::Util qw(sum min max);
use POSIX ();
use Mail;
use Peer;
use Postfix;
use Processor;

$| = 1;
my %option = (rounds => 3, messages => 3000, connections => 50, only => 'postfix,sluice,sluice-chain', sizes => '4K,50K,1M', keep => 0);
GetOptions(\%option, 'programs=s', 'folder=s', 'rounds=i', 'messages=i', 'connections=i', 'only=s', 'sizes=s', 'keep=i') or exit 64;
my $folder = $option{folder};
my @names = split /,/, $option{only};
my %octets = ('4K' => 4096, '50K' => 51200, '1M' => 1048576);
my %count = ('4K' => $option{messages}, '50K' => $option{messages} / 2, '1M' => POSIX::ceil($option{messages} / 8));
my @sizes = split /,/, $option{sizes};

# The same mail for all; signed, so that the chain has something to verify.
system("openssl genpkey -quiet -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out '$folder/s1.pem'") == 0 or die "no key";
my $public = join '', grep { !/-----/ } map { s/\s+//r } qx(openssl pkey -in '$folder/s1.pem' -pubout);
write_file("$folder/zone.yml", "s1._domainkey.sender.example: [{TXT: \"v=DKIM1; k=rsa; p=$public\"}]\nsender.example: [{TXT: \"v=spf1 ip4:127.0.0.0/8 -all\"}]\n");
my %mail;
for my $size (@sizes) {
    my $number = 0;
    $mail{$size} = [map { write_file("$folder/$size-" . ++$number, signed($_, 'sender.example', 's1', "$folder/s1.pem", "$folder/to-sign")) }
        messages($size eq '1M' ? 4 : 40, $octets{$size}, 7)];
}

# Each relay takes mail for here.example and passes it to its own next hop.
my %relay;
for my $name (@names) {
    my $sink = free_port();
    mkdir "$folder/$name";
    $relay{$name} = $name eq 'postfix' ? postfix("$folder/$name", $sink) : sluice("$folder/$name", $sink, $name eq 'sluice' ? '[]' : '[{spf: {}}, {dkim-verify: {}}, {virus: {infected: reject, database: embedded}}, {spam: {tag: 5, quarantine: 8, reject: 15}}]');
    $relay{$name}{sink} = $sink;
}

# Postfix as Debian sets it up, less what would slow it here: its brake on mail that comes in faster than it goes out, and a
# line of log for each step of a message on a terminal (it is written to a file). The loopback clients are trusted.
sub postfix {
    my ($folder, $sink) = @_;
    my $postfix = Postfix->start('p', $folder, 'nobody.example', ['nobody'], "$folder/none.pem", {
        smtpd_tls_security_level => 'none', smtpd_tls_chain_files => '', smtp_tls_security_level => 'none', header_checks => '',
        relayhost => "[127.0.0.1]:$sink", in_flow_delay => 0, smtpd_client_connection_rate_limit => 0, smtpd_peername_lookup => 'no',
        minimal_backoff_time => '300s', maximal_backoff_time => '4000s', queue_run_delay => '300s',
    });
    return {pid => $postfix->{pid}, port => $postfix->{port}, log => "$folder/log"};
}

sub sluice {
    my ($folder, $sink, $chain) = @_;
    my $port = free_port();
    write_file("$folder/sluice.yml", <<"END");
hostname: mx.here.example
state: state
listeners:
  - {name: mx, protocol: smtp, address: "127.0.0.1:$port", pipeline: measured}
relay:
  domains: {here.example: {route: "smtp://127.0.0.1:$sink", recipients: any}}
pipelines: {measured: $chain}
resolver: {zone: ../zone.yml}
END
    my $pid = fork // die "fork: $!";
    if (!$pid) {
        open STDOUT, '>', "$folder/log";
        open STDERR, '>&', \*STDOUT;
        exec "$option{programs}/sluice", 'serve', '--config', "$folder/sluice.yml" or die "sluice: $!";
    }
    return {pid => $pid, port => $port, log => "$folder/log", configuration => "$folder/sluice.yml"};
}

for my $name (@names) {
    my $ready;
    for (1 .. 300) {
        last if $ready = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $relay{$name}{port});
        select undef, undef, undef, 0.1;
    }
    die "$name did not start: " . read_file($relay{$name}{log}) unless $ready && defined readline $ready;
}

my %results;
for my $round (0 .. $option{rounds}) {
    for my $size (@sizes) {
        my @turns = @names;
        push @turns, shift @turns for 1 .. $round;
        for my $name (@turns) {
            my $result = turn($name, $size, $round ? $count{$size} : min(200, $count{$size}));
            push @{$results{$size}{$name}}, $result if $round; # The first round warms up.
        }
    }
    print $round ? "round $round done\n" : "warm\n";
}

sub turn {
    my ($name, $size, $messages) = @_;
    my $relay = $relay{$name};
    my $before = processor_time($relay->{pid});
    my @command = ("$option{programs}/sluice-load", 'transfer', '--port', $relay->{port}, '--sink-port', $relay->{sink},
        '--messages', $messages, '--connections', $option{connections}, map { ('--content', $_) } @{$mail{$size}});
    open my $pipe, '-|', @command or die "sluice-load: $!";
    my $line = <$pipe> // '';
    close $pipe or die "$name: $line" . substr(read_file($relay->{log}), -2000);
    my $memory = memory($relay->{pid});
    select undef, undef, undef, 1; # What is done after the reply counts too.
    my $report = decode_json($line);
    return {
        rate => $report->{rate}, p50 => $report->{p50}, p99 => $report->{p99}, memory => $memory,
        cpu => (processor_time($relay->{pid}) - $before) / $messages,
    };
}

sub middle { my @sorted = sort { $a <=> $b } @_; return $sorted[$#sorted / 2] }

sub spread { my ($format, @values) = @_; return sprintf "$format ($format to $format)", middle(@values), min(@values), max(@values) }

printf "\n%d rounds, %d connections at once, one message each; %d processors\n", $option{rounds}, $option{connections}, scalar grep {/^processor/} split /^/, read_file('/proc/cpuinfo');
for my $size (@sizes) {
    print "\n$size: median (least to most) of the rounds\n";
    printf "  %-13s %-22s %-22s %-22s %-22s %s\n", '', 'messages/s', 'CPU ms a message', 'final reply p50, ms', 'p99, ms', 'memory, MiB';
    for my $name (@names) {
        my @rounds = @{$results{$size}{$name}};
        my %of = map { my $figure = $_; ($figure => [map { $_->{$figure} } @rounds]) } qw(rate cpu p50 p99 memory);
        printf "  %-13s %-22s %-22s %-22s %-22s %s\n", $name, spread('%.0f', @{$of{rate}}), spread('%.2f', @{$of{cpu}}),
            spread('%.1f', @{$of{p50}}), spread('%.1f', @{$of{p99}}), spread('%.0f', @{$of{memory}});
    }
    next unless $results{$size}{postfix} && $results{$size}{sluice};
    my %figure = map { my $name = $_; ($name => {map { my $f = $_; ($f => middle(map { $_->{$f} } @{$results{$size}{$name}})) } qw(rate cpu)}) } qw(postfix sluice);
    printf "  Sluice without filters: %.0f per cent of Postfix's CPU, %.1f times its rate\n", 100 * $figure{sluice}{cpu} / $figure{postfix}{cpu}, $figure{sluice}{rate} / $figure{postfix}{rate};
}
if ($relay{'sluice-chain'}) {
    # What each stage took, by the decision records of the last messages.
    my (%microseconds, %ran);
    my $records = qx($option{programs}/sluice trace --config $relay{'sluice-chain'}{configuration} --limit 300 --json);
    for my $id (map { decode_json($_)->{id} } split /\n/, $records) {
        my $record = decode_json(scalar qx($option{programs}/sluice trace $id --config $relay{'sluice-chain'}{configuration} --json));
        for my $stage (@{$record->{stages}}) { push @{$microseconds{$record->{size} < 20000 ? '4K' : $record->{size} < 500000 ? '50K' : '1M'}{$stage->{name}}}, $stage->{microseconds} }
    }
    for my $size (sort keys %microseconds) {
        print "\nstages at $size, median microseconds from begin to end beside $option{connections} others: ",
            join(', ', map {"$_ " . middle(@{$microseconds{$size}{$_}})} sort keys %{$microseconds{$size}}), "\n";
    }
}
if ($option{keep}) {
    print "$_: pid $relay{$_}{pid}, port $relay{$_}{port}, next hop $relay{$_}{sink}\n" for @names;
    sleep $option{keep};
}
kill TERM => $_->{pid} for values %relay;
