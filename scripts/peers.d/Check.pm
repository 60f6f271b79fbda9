# SPDX-License-Identifier: Apache-2.0
# Counts and prints checks.
package Check;
use strict;
use warnings;
use Exporter 'import';
our @EXPORT = qw(ok is like section wait_until summary octets_same);

my ($passed, $failed) = (0, 0);
$| = 1;

sub section { print "\n== $_[0]\n" }

# ok(condition, what was expected, what was found)
sub ok {
    my ($condition, $expected, $found) = @_;
    if ($condition) { $passed++; print "ok      $expected\n" }
    else { $failed++; print "FAILED  $expected", defined $found ? "; found: $found" : '', "\n" }
    return $condition;
}

sub is {
    my ($found, $wanted, $expected) = @_;
    return ok(defined $found && $found eq $wanted, "$expected: $wanted", $found // 'nothing');
}

sub like {
    my ($found, $pattern, $expected) = @_;
    return ok(scalar(defined $found && $found =~ $pattern), $expected, shortened($found));
}

sub shortened {
    my ($text) = @_;
    return 'nothing' unless defined $text;
    $text =~ s/[^\x20-\x7e]+/ /g;
    return length $text > 300 ? substr($text, 0, 300) . '…' : $text;
}

# The fields that a relay may add on the way; whatever else differs is a failure.
my $trace = qr/(?:Return-Path|X-Original-To|Delivered-To|Received|Authentication-Results|X-Spam-(?:Score|Status)|X-Sluice-Stages)/i;

# Whether what arrived is what was sent, octet for octet, behind nothing but whole trace fields.
sub octets_same {
    my ($arrived, $sent, $expected) = @_;
    return ok(0, $expected, 'nothing arrived') unless defined $arrived;
    my $behind = length($arrived) - length($sent);
    return ok(0, $expected, sprintf('%d octets of %d', length $arrived, length $sent)) if $behind < 0;
    my $head = substr $arrived, 0, $behind;
    unless (substr($arrived, $behind) eq $sent) {
        my $n = 0;
        $n++ while $n < length $sent && substr($arrived, -$n - 1, 1) eq substr($sent, -$n - 1, 1);
        return ok(0, $expected, "differs $n octets from the end: " . shortened(substr $arrived, -$n - 60, 80));
    }
    my $fields = $head =~ /\A(?:$trace:[^\n]*\n(?:[ \t][^\n]*\n)*)+\z/;
    return ok($fields, $expected, 'before it, not only trace fields: ' . shortened($head));
}

# Asks until the answer is true, for at most so many seconds.
sub wait_until {
    my ($seconds, $question) = @_;
    my $end = time + $seconds;
    while (1) {
        my $answer = $question->();
        return $answer if $answer || time > $end;
        select undef, undef, undef, 0.1;
    }
}

sub summary {
    print "\n$passed passed, $failed failed\n";
    return $failed ? 1 : 0;
}

1;
