# SPDX-License-Identifier: Apache-2.0
# `sluice serve` with other people's milters as stages: a listener and a pipeline for each, and one for all that look.
package FilteredSluice;
use strict;
use warnings;
use JSON::PP;
use Peer;
use Sluice;
our @ISA = ('Sluice');

# start(folder with the programs, folder of its own, port of the sink, zone file, {name => filter})
sub start {
    my ($class, $programs, $folder, $sink, $zone, $filters) = @_;
    mkdir $folder;
    my %stage = map {
        my $signs = $_ eq 'opendkim-s' ? ', signs: true' : '';
        $_ => qq({milter: {name: $_, address: "$filters->{$_}{address}"$signs, timeout: 4s}})
    } keys %$filters;
    my %pipelines = ((map { $_ => "[$stage{$_}]" } keys %stage), all => "[$stage{'opendkim-v'}, $stage{clamav}, $stage{rspamd}]");
    my %ports = map { $_ => free_port() } keys %pipelines;
    my $listeners = join '', map {qq(  - {name: $_, protocol: smtp, address: "127.0.0.1:$ports{$_}", pipeline: $_}\n)} sort keys %ports;
    my $chains = join '', map {"  $_: $pipelines{$_}\n"} sort keys %pipelines;
    write_file("$folder/sluice.yml", <<"END");
hostname: mx.sluice.test
state: state
listeners:
$listeners
relay:
  domains:
    sink.test: {route: "smtp://127.0.0.1:$sink", recipients: any}
pipelines:
$chains
limits: {message_size: 40MB}
resolver: {zone: $zone}
END
    my $self = bless {program => "$programs/sluice", folder => $folder, ports => \%ports, zone => $zone}, $class;
    my $pid = fork // die "fork: $!";
    if (!$pid) {
        open STDERR, '>', "$folder/log";
        exec $self->{program}, 'serve', '--config', "$folder/sluice.yml" or die "sluice: $!";
    }
    $self->{pid} = $pid;
    return $self;
}

sub ready {
    my ($self) = @_;
    return IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $self->{ports}{all});
}

# What `sluice dkim verify` says of each signature of a file.
sub verify {
    my ($self, $file) = @_;
    open my $pipe, '-|', $self->{program}, 'dkim', 'verify', $file, '--zone', $self->{zone}, '--json' or die "sluice: $!";
    my $answer = decode_json(join '', <$pipe>);
    close $pipe;
    return @{$answer->{signatures}};
}

1;
