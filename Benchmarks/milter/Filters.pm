# SPDX-License-Identifier: Apache-2.0
# The filters that are measured. Each has {pid} and {milter}, as Postfix names it: over Unix sockets, which Debian's OpenDKIM
# takes too, or over TCP.
package Filters;
use strict;
use warnings;
use File::Path 'make_path';
use IO::Socket::INET;
use IO::Socket::UNIX;
use POSIX ();
use Peer;

our $over_tcp = 0;

# A place to listen: as Postfix names it, as OpenDKIM, rspamd and Sluice do.
sub place {
    my ($folder) = @_;
    my $port = free_port();
    return $over_tcp
        ? {postfix => "inet:127.0.0.1:$port", opendkim => "inet:$port\@127.0.0.1", rspamd => "127.0.0.1:$port", sluice => "127.0.0.1:$port", port => $port}
        : {postfix => "unix:$folder/milter", opendkim => "local:$folder/milter", rspamd => "$folder/milter mode=0666", sluice => "unix:$folder/milter", path => "$folder/milter"};
}

sub run {
    my ($folder, $place, @command) = @_;
    my $pid = fork // die "fork: $!";
    if (!$pid) {
        umask 0;
        open STDOUT, '>', "$folder/output";
        open STDERR, '>&', \*STDOUT;
        exec @command or die "$command[0]: $!";
    }
    for (1 .. 1200) {
        my $socket = $place->{port} ? IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $place->{port}) : IO::Socket::UNIX->new(Peer => $place->{path});
        return {pid => $pid, milter => $place->{postfix}, folder => $folder} if $socket;
        last if waitpid($pid, POSIX::WNOHANG()) == $pid;
        select undef, undef, undef, 0.1;
    }
    die "$command[0] did not start: " . read_file("$folder/output");
}

# OpenDKIM as it signs: Debian's settings (relaxed/simple, From signed twice), without a line of log a message.
sub opendkim {
    my ($folder, $key) = @_;
    make_path($folder);
    my $place = place($folder);
    write_file("$folder/opendkim.conf", <<"END");
Syslog no
Canonicalization relaxed/simple
Mode s
OversignHeaders From
Domain sender.example
Selector s1
KeyFile $key
RequireSafeKeys no
InternalHosts 127.0.0.1
Socket $place->{opendkim}
UMask 000
PidFile $folder/pid
Background no
END
    return run($folder, $place, 'opendkim', '-f', '-x', "$folder/opendkim.conf");
}

# rspamd as it comes, scanning in its proxy (one process), without what asks the network: the lists of the DNS, the fuzzy
# storage, origin networks, DMARC, ARC, and hfilter's look-ups of hosts. What needs Redis (Bayes, greylisting, reputation
# …) is off by itself. SPF and DKIM ask the DNS server of the benchmark; rspamd keeps the answers.
sub rspamd {
    my ($folder, $peers, $names) = @_;
    make_path("$folder/run", "$folder/log", "$peers/rspamd");
    system('cp', '-a', "$peers/root/etc/rspamd", "$folder/etc") == 0 or die "no configuration of rspamd";
    my $place = place($folder);
    my $local = "$folder/etc/local.d";
    write_file("$local/worker-proxy.inc", "bind_socket = \"$place->{rspamd}\";\nupstream \"local\" { self_scan = yes; default = yes; }\n");
    write_file("$local/worker-$_.inc", "enabled = false;\n") for qw(normal controller);
    write_file("$local/options.inc", "dns { nameserver = [\"127.0.0.1:$names\"]; }\n");
    write_file("$local/$_.conf", "enabled = false;\n") for qw(rbl surbl emails fuzzy_check asn dmarc arc hfilter greylist);
    # Its compiled patterns are kept between runs: compiling them takes half a minute.
    my @folders = (CONFDIR => "$folder/etc", LOCAL_CONFDIR => "$folder/etc", DBDIR => "$peers/rspamd", RUNDIR => "$folder/run", LOGDIR => "$folder/log");
    my @variables;
    while (my ($name, $value) = splice @folders, 0, 2) { push @variables, '--var', "$name=$value" }
    my $rspamd = run($folder, $place, 'rspamd', '-i', '-f', '-u', 'root', '-g', 'root', '-c', "$folder/etc/rspamd.conf", @variables);
    for (1 .. 1200) {
        return $rspamd if read_file("$folder/log/rspamd.log") =~ /load_hyperscan: full hyperscan database/;
        select undef, undef, undef, 0.1;
    }
    print "note: rspamd does not say that its compiled patterns are loaded\n";
    return $rspamd;
}

# Sluice with one pipeline; its log and its history are as they come.
sub sluice {
    my ($programs, $folder, $pipeline) = @_;
    make_path($folder);
    my $place = place($folder);
    write_file("$folder/sluice.yml", <<"END");
hostname: mx.here.example
state: state
listeners:
  - {name: milter, protocol: milter, address: "$place->{sluice}", pipeline: measured@{[$over_tcp ? '' : ', mode: "0666"']}}
pipelines:
  measured: $pipeline
resolver: {zone: ../zone.yml}
END
    return run($folder, $place, "$programs/sluice", 'serve', '--config', "$folder/sluice.yml");
}

1;
