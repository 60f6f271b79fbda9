# SPDX-License-Identifier: Apache-2.0
# Other people's milters, each with a configuration of its own below the temporary folder: OpenDKIM (signing, verifying),
# clamav-milter with clamd, and rspamd's proxy.
package Filter;
use strict;
use warnings;
use IO::Socket::INET;
use IO::Socket::UNIX;
use Messages;
use Peer;

# start(name, folder, command…): runs in the foreground, so that its pid is the filter's.
sub launch {
    my ($self) = @_;
    my $pid = fork // die "fork: $!";
    if (!$pid) {
        open STDOUT, '>>', "$self->{folder}/$self->{name}.log";
        open STDERR, '>&', \*STDOUT;
        setpgrp;
        exec @{$self->{command}} or die "$self->{command}[0]: $!";
    }
    $self->{pid} = $pid;
    return $self;
}

sub new {
    my ($class, $name, $folder, $address, @command) = @_;
    return (bless {name => $name, folder => $folder, address => $address, command => \@command}, $class)->launch;
}

sub ready {
    my ($self) = @_;
    my ($path) = $self->{address} =~ /^unix:(.*)/;
    return IO::Socket::UNIX->new(Peer => $path) if defined $path;
    return IO::Socket::INET->new(PeerAddr => $self->{address});
}

sub log { my ($self) = @_; return read_file("$self->{folder}/$self->{name}.log") }

# The whole group: rspamd's workers are processes of their own.
sub signal { my ($self, $signal) = @_; kill $signal, -$self->{pid} }

sub stop {
    my ($self, $signal) = @_;
    $self->signal($signal // 'KILL');
    waitpid $self->{pid}, 0;
    my ($path) = $self->{address} =~ /^unix:(.*)/;
    unlink $path if defined $path;
}

# opendkim(folder, mode `s` or `v`, further settings)
sub opendkim {
    my ($class, $folder, $mode, %settings) = @_;
    my $port = free_port();
    my %all = (Mode => $mode, Socket => "inet:$port\@127.0.0.1", Syslog => 'no', Background => 'no', %settings);
    my $file = write_file("$folder/opendkim-$mode.conf", join '', map {"$_ $all{$_}\n"} sort keys %all);
    return $class->new("opendkim-$mode", $folder, "127.0.0.1:$port", 'opendkim', '-f', '-x', $file);
}

# clamd with a database that knows the test virus and nothing else.
sub clamd {
    my ($class, $folder) = @_;
    mkdir "$folder/database";
    write_file("$folder/database/test.ndb", 'Eicar-Signature:0:*:' . unpack('H*', Messages::eicar()) . "\n");
    my $file = write_file("$folder/clamd.conf", <<"END");
LocalSocket $folder/clamd.sock
DatabaseDirectory $folder/database
Foreground yes
TemporaryDirectory $folder
END
    return $class->new('clamd', $folder, "unix:$folder/clamd.sock", 'clamd', '-c', $file);
}

sub clamav_milter {
    my ($class, $folder) = @_;
    my $file = write_file("$folder/clamav-milter.conf", <<"END");
MilterSocket unix:$folder/clamav-milter.sock
ClamdSocket unix:$folder/clamd.sock
OnInfected Reject
OnFail Defer
RejectMsg infected with %v
AddHeader Replace
Foreground yes
TemporaryDirectory $folder
END
    return $class->new('clamav-milter', $folder, "unix:$folder/clamav-milter.sock", 'clamav-milter', '-c', $file);
}

# rspamd's proxy, which scans by itself: its own rules and symbols, without the modules that ask the network.
sub rspamd {
    my ($class, $folder) = @_;
    my $port = free_port();
    my $file = write_file("$folder/rspamd.conf", <<"END");
options {
  filters = "regexp";
  dns { nameserver = ["127.0.0.1:9"]; timeout = 0.05s; retransmits = 1; }
  pidfile = "$folder/rspamd.pid";
  tempdir = "$folder";
  hs_cache_dir = "$folder";
  url_tld = "/usr/share/rspamd/effective_tld_names.dat";
}
logging { type = "console"; level = "notice"; }
lua = "/usr/share/rspamd/rules/rspamd.lua";
modules { path = "/usr/share/rspamd/plugins/"; }
actions { reject = 15; add_header = 6; }
milter_headers { use = ["x-spamd-result", "x-rspamd-server"]; skip_local = false; skip_authenticated = false; }
worker "rspamd_proxy" {
  bind_socket = "127.0.0.1:$port"; milter = yes; timeout = 60s; count = 1;
  upstream "local" { default = yes; self_scan = yes; }
}
END
    my @folders = map { ('--var', "${_}DIR=$folder") } qw(CONF LOCAL_CONF RUN DB LOG);
    return $class->new('rspamd', $folder, "127.0.0.1:$port", 'rspamd', '-f', '-i', '-c', $file, @folders);
}

1;
