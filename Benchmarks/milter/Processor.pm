# SPDX-License-Identifier: Apache-2.0
# The processor time of a process and all below it, those that have ended included.
package Processor;
use strict;
use warnings;
use POSIX ();
use Exporter 'import';
our @EXPORT = qw(processor_time);

# processor_time(pid): user and system time so far, in ms.
sub processor_time {
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
    my ($sum, @waiting) = (0, $root);
    while (defined(my $pid = shift @waiting)) {
        $sum += $ticks{$pid} // 0;
        push @waiting, @{$children{$pid} // []};
    }
    return $sum * 1000 / POSIX::sysconf(POSIX::_SC_CLK_TCK());
}

1;
