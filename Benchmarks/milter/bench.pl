#!/usr/bin/perl
# SPDX-License-Identifier: Apache-2.0
# Measures what each filter costs, in turns (Benchmarks/milter/run calls it).
#   --rounds N       rounds, each with every filter once (3)
#   --messages N     messages a turn at 4 KiB; half of it at 50 KiB (600)
#   --connections N  connections at once (2)
#   --each N         messages a connection (5)
#   --only NAME,…    of plain, opendkim, sluice-sign, rspamd, sluice-chain (all)
#   --tcp            milters over TCP (else Unix sockets)
#   --keep SECONDS   leaves everything running after the last turn, for a profiler
use strict;
use warnings;
use Getopt::Long;
use List::Util qw(sum min max);
use POSIX ();
use Filters;
use Load;
use Mail;
use Names;
use Peer;
use Postfix;
use Processor;

$| = 1;
my %option = (rounds => 3, messages => 600, connections => 2, each => 5, only => 'plain,opendkim,sluice-sign,rspamd,sluice-chain', keep => 0);
GetOptions(\%option, 'programs=s', 'folder=s', 'peers=s', 'rounds=i', 'messages=i', 'connections=i', 'each=i', 'only=s', 'keep=i', 'tcp' => \$Filters::over_tcp) or exit 64;
my $folder = $option{folder};
my %wanted = map { $_ => 1 } split /,/, $option{only};
my $client = '198.51.100.7';

# Keys, and the names that are there.
system("opendkim-genkey -b 2048 -d sender.example -s s1 -D '$folder'") == 0 or die "no key";
my $key = "$folder/s1.private";
chmod 0600, $key;
my $record = join '', read_file("$folder/s1.txt") =~ /"([^"]*)"/g;
my %names = ('s1._domainkey.sender.example' => $record, 'sender.example' => 'v=spf1 ip4:198.51.100.0/24 -all');
write_file("$folder/zone.yml", join '', map {"$_: [{TXT: \"$names{$_}\"}]\n"} sort keys %names);
my $names = Names->start(\%names);

# Mail to sign, and the same mail signed, to check.
my %sizes = ('4 KiB' => 4096, '50 KiB' => 51200);
my (%unsigned, %signed);
for my $size (keys %sizes) {
    my @messages = messages(100, $sizes{$size}, 7);
    $unsigned{$size} = \@messages;
    $signed{$size} = [map { signed($_, 'sender.example', 's1', $key, "$folder/to-sign") } @messages] if $wanted{rspamd} || $wanted{'sluice-chain'};
}

# The filters, and a Postfix for each.
my $programs = $option{programs};
my %make = (
    opendkim => sub { Filters::opendkim("$folder/opendkim", $key) },
    rspamd => sub { Filters::rspamd("$folder/rspamd", $option{peers}, $names->{port}) },
    'sluice-sign' => sub { Filters::sluice($programs, "$folder/sluice-sign", "[{dkim-sign: {keys: [{domain: sender.example, selector: s1, file: $key}]}}]") },
    'sluice-chain' => sub { Filters::sluice($programs, "$folder/sluice-chain", '[{spf: {}}, {dkim-verify: {}}, {spam: {}}]') },
);
my (%filter, %postfix);
my $certificate = "$folder/none.pem";
for my $name ('plain', sort keys %make) {
    next unless $wanted{$name};
    $filter{$name} = $make{$name}->() if $make{$name};
    my %settings = (
        smtpd_tls_security_level => 'none', smtpd_tls_chain_files => '', smtpd_authorized_xclient_hosts => '127.0.0.0/8',
        smtpd_relay_restrictions => 'reject_unauth_destination', virtual_transport => 'discard:', transport_maps => 'inline:{kept@here.example=virtual:}', header_checks => '', in_flow_delay => 0,
        smtpd_client_connection_rate_limit => 0, anvil_rate_time_unit => '1s', milter_default_action => 'tempfail',
        ($filter{$name} ? (smtpd_milters => $filter{$name}{milter}) : ()),
    );
    mkdir "$folder/postfix-$name";
    $postfix{$name} = Postfix->start("p-$name", "$folder/postfix-$name", 'here.example', ['bob', 'kept'], $certificate, \%settings);
}
for my $postfix (values %postfix) {
    for (1 .. 200) {
        last if $postfix->ready;
        select undef, undef, undef, 0.1;
    }
}

# Each does its work: what is delivered has its fields.
my %field = (
    opendkim => qr/^DKIM-Signature:.*d=sender\.example/m, 'sluice-sign' => qr/^DKIM-Signature:.*?d=sender\.example/ms,
    rspamd => qr/\A/, 'sluice-chain' => qr/^Authentication-Results:.*spf=pass.*dkim=pass.*^X-Spam-Score:/ms,
);
for my $name (sort keys %filter) {
    my $mail = $name =~ /sign|opendkim/ ? $unsigned{'4 KiB'} : $signed{'4 KiB'};
    load($postfix{$name}{port}, $name =~ /sign|opendkim/ ? undef : $client, 'kept@here.example', [$mail->[0]], 1, 1);
    my $delivered;
    for (1 .. 100) {
        last if $delivered = $postfix{$name}->message('kept');
        select undef, undef, undef, 0.1;
    }
    die "$name did not do its work:\n" . substr($delivered // 'nothing was delivered', 0, 2000) unless ($delivered // '') =~ $field{$name};
}
if ($wanted{rspamd}) {
    my $log = read_file("$folder/rspamd/log/rspamd.log");
    my ($symbols) = $log =~ /\] \[([A-Z].*?)\]\), len:/;
    print "rspamd found: @{[$symbols // 'nothing']}\n";
    die "rspamd did not check SPF and DKIM: " . join("", grep /write_log/, split /^/, $log) unless ($symbols // '') =~ /R_SPF_ALLOW/ && $symbols =~ /R_DKIM_ALLOW/;
}

# The turns.
my %groups = (sign => ['plain', 'opendkim', 'sluice-sign'], chain => ['plain', 'rspamd', 'sluice-chain']);
my %results;
for my $round (0 .. $option{rounds}) {
    for my $size (sort keys %sizes) {
        for my $group ('sign', 'chain') {
            my @names = grep { $wanted{$_} } @{$groups{$group}};
            next unless grep { $_ ne 'plain' } @names;
            push @names, shift @names for 1 .. $round;
            my $mail = $group eq 'sign' ? $unsigned{$size} : $signed{$size};
            for my $name (@names) {
                my $result = turn($name, $group eq 'chain' ? $client : undef, $mail, $round ? $sizes{$size} > 10000 ? $option{messages} / 2 : $option{messages} : 100);
                push @{$results{"$group $size $name"}}, $result if $round; # The first round warms up.
            }
        }
    }
    print $round ? "round $round done\n" : "warm\n";
}

sub turn {
    my ($name, $address, $mail, $count) = @_;
    my @messages = map { $mail->[$_ % @$mail] } 0 .. $count - 1;
    my $filter = $filter{$name} && $filter{$name}{pid};
    my $before = $filter ? processor_time($filter) : 0;
    my $postfix = processor_time($postfix{$name}{pid});
    my ($whole, $final) = load($postfix{$name}{port}, $address, 'bob@here.example', \@messages, $option{connections}, $option{each});
    # What is done after the reply counts too.
    select undef, undef, undef, 0.5;
    my $after = $filter ? processor_time($filter) : 0;
    return {
        cpu => ($after - $before) / $count, postfix => (processor_time($postfix{$name}{pid}) - $postfix) / $count,
        p50 => quantile($whole, 0.5), p99 => quantile($whole, 0.99), final50 => quantile($final, 0.5), final99 => quantile($final, 0.99),
    };
}

sub quantile {
    my ($values, $part) = @_;
    my @sorted = sort { $a <=> $b } @$values;
    return $sorted[min($#sorted, POSIX::ceil($part * @sorted) - 1)];
}

sub middle { return quantile([@_], 0.5) }

sub spread { return sprintf '%6.2f (%.2f to %.2f)', middle(@_), min(@_), max(@_) }

# What is printed: medians of the rounds, with the least and the most; latencies less those of plain Postfix in the same round.
printf "\n%d rounds, %d connections at once, %d messages each; %d processors\n", $option{rounds}, $option{connections}, $option{each}, scalar grep {/^processor/} split /^/, read_file('/proc/cpuinfo');
for my $group ('sign', 'chain') {
    for my $size (sort keys %sizes) {
        next unless grep { $results{"$group $size $_"} } @{$groups{$group}};
        print "\n$group, $size" . ' ' x 20 . "ms a message, median (least to most)\n";
        printf "  %-13s %-24s %-24s %-24s %-24s\n", '', 'CPU of the filter', 'CPU of Postfix', 'transaction p50, added', 'transaction p99, added';
        my $plain = $results{"$group $size plain"};
        for my $name (grep { $wanted{$_} } @{$groups{$group}}) {
            my $rounds = $results{"$group $size $name"};
            my $added = sub {
                my ($figure) = @_;
                return map { $rounds->[$_]{$figure} - ($plain && $name ne 'plain' ? $plain->[$_]{$figure} : 0) } 0 .. $#$rounds;
            };
            printf "  %-13s %-24s %-24s %-24s %-24s\n", $name, spread(map { $_->{cpu} } @$rounds), spread(map { $_->{postfix} } @$rounds), spread($added->('p50')), spread($added->('p99'));
        }
    }
}
if ($option{keep}) {
    print "$_: pid $filter{$_}{pid}, port of Postfix $postfix{$_}{port}\n" for sort keys %filter;
    sleep $option{keep};
}
$_->stop for values %postfix;
kill TERM => $_->{pid} for values %filter;
$names->stop;
