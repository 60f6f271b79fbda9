# SPDX-License-Identifier: Apache-2.0
# The processor time and the memory of a process and all below it.
package Processor;
use strict;
use warnings;
use POSIX ();
use Exporter 'import';
our @EXPORT = qw(processor_time memory);

# The process and all below it that run, and the ticks of each.
sub family {
    my ($root) = @_;
    my (%children, %ticks);
    for my $path (glob '/proc/[0-9]*/stat') {
        open my $file, '<', $path or next; # It has ended meanwhile.
        my $line = <$file> // next;
        my ($pid) = $line =~ /^(\d+)/;
        my @fields = split ' ', $line =~ s/^.*\) //sr; # The name may hold anything.
        push @{$children{$fields[1]}}, $pid;
        $ticks{$pid} = $fields[11] + $fields[12] + $fields[13] + $fields[14];
    }
    my (@family, @waiting) = ();
    push @waiting, $root;
    while (defined(my $pid = shift @waiting)) {
        push @family, $pid;
        push @waiting, @{$children{$pid} // []};
    }
    return \@family, \%ticks;
}

# processor_time(pid): user and system time so far, in ms, of those too that have ended.
sub processor_time {
    my ($family, $ticks) = family(@_);
    my $sum = 0;
    $sum += $ticks->{$_} // 0 for @$family;
    return $sum * 1000 / POSIX::sysconf(POSIX::_SC_CLK_TCK());
}

# memory(pid): what they hold, in MiB, each shared page in parts (PSS).
sub memory {
    my ($family) = family(@_);
    my $sum = 0;
    for my $pid (@$family) {
        open my $file, '<', "/proc/$pid/smaps_rollup" or next; # It has ended meanwhile.
        for (<$file>) { $sum += $1 if /^Pss:\s+(\d+)/ }
    }
    return $sum / 1024;
}

1;
