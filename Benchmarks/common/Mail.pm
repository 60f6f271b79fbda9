# SPDX-License-Identifier: Apache-2.0
# The mail of the benchmark: made from a seed, so that every run and every filter has the same.
package Mail;
use strict;
use warnings;
use Digest::SHA 'sha256';
use MIME::Base64;
use POSIX 'strftime';
use Exporter 'import';
our @EXPORT = qw(messages signed);

my $date = strftime("%a, %d %b %Y %H:%M:%S +0000", gmtime);
my $state = 1;

# A generator of our own: Perl's rand isn't the same on every machine.
sub below {
    my ($limit) = @_;
    $state = ($state * 1103515245 + 12345) & 0x7fffffff;
    return ($state >> 8) % $limit;
}

my @syllables = qw(an be ca do el fi go ha in jo ka li mo ne or pa qui ro sa ti un ve wa xi yo za);
my @words = map { join '', map { $syllables[below(26)] } 0 .. below(3) } 1 .. 1500;

sub words { my ($count) = @_; return map { $words[below(1500)] } 1 .. $count }

# Text of about so many octets, in lines as a mail program breaks them.
sub text {
    my ($octets) = @_;
    my ($text, $line) = ('', '');
    while (length $text < $octets) {
        my ($word) = words(1);
        if (length($line) + length $word > 70) {
            $text .= "$line\r\n" . (below(8) ? '' : "\r\n");
            $line = '';
        }
        $line .= ($line eq '' ? '' : ' ') . (below(12) ? $word : ucfirst "$word,");
    }
    return "$text$line\r\n";
}

sub html {
    my ($octets) = @_;
    my $html = "<html><head><title>@{[words(3)]}</title></head><body style=\"font-family: sans-serif\">\r\n";
    while (length $html < $octets) {
        my $paragraph = text(300) =~ s/\r\n\r\n/\r\n/gr;
        $html .= "<p>$paragraph<a href=\"https://www.sender.example/@{[words(1)]}/@{[below(10000)]}\">@{[words(2)]}</a></p>\r\n";
    }
    return "$html</body></html>\r\n";
}

sub part { my ($type, $content) = @_; return "Content-Type: $type\r\nContent-Transfer-Encoding: 7bit\r\n\r\n$content" }

sub multipart {
    my ($type, @parts) = @_;
    my $boundary = sprintf '=_%08x', below(1 << 22);
    return "Content-Type: multipart/$type; boundary=\"$boundary\"\r\n\r\n"
        . join('', map {"--$boundary\r\n$_\r\n"} @parts) . "--$boundary--\r\n";
}

# One message of about so many octets: text and HTML, and an attachment where it is large.
sub message {
    my ($octets, $number) = @_;
    my $header = "From: @{[map { ucfirst } words(2)]} <anna\@sender.example>\r\nTo: bob\@here.example\r\n"
        . "Subject: @{[words(5)]}\r\nDate: $date\r\n"
        . "Message-ID: <$number." . below(1 << 22) . "\@sender.example>\r\nUser-Agent: Mail 1.0\r\nMIME-Version: 1.0\r\n";
    my $attached = $octets > 20000 ? int($octets * 0.6) : 0;
    my $rest = $octets - $attached - length($header) - 700;
    my $body = multipart('alternative', part('text/plain; charset=utf-8', text($rest * 0.4)), part('text/html; charset=utf-8', html($rest * 0.6)));
    if ($attached) {
        my $data = join '', map { chr below(256) } 1 .. $attached * 0.73;
        $body = multipart('mixed', $body, "Content-Type: application/octet-stream; name=\"@{[words(1)]}.bin\"\r\n"
            . "Content-Disposition: attachment\r\nContent-Transfer-Encoding: base64\r\n\r\n" . encode_base64($data, "\r\n"));
    }
    return $header . $body;
}

# So many messages of about so many octets.
sub messages {
    my ($count, $octets, $seed) = @_;
    $state = $seed;
    return map { message($octets, $_) } 1 .. $count;
}

# The message with a DKIM-Signature on top, relaxed/relaxed (RFC 6376).
sub signed {
    my ($message, $domain, $selector, $key, $file) = @_;
    my ($header, $body) = $message =~ /\A(.*?\r\n)\r\n(.*)\z/s;
    my $canonical = $body =~ s/[ \t]+/ /gr =~ s/ \r\n/\r\n/gr =~ s/(\r\n)+\z//r;
    my $hash = encode_base64(sha256("$canonical\r\n"), '');
    my $octets = '';
    my @names;
    for my $field (split /\r\n(?![ \t])/, $header) {
        my ($name, $value) = $field =~ /^([^:]+):(.*)\z/s;
        push @names, lc $name;
        $octets .= relaxed($name, $value) . "\r\n";
    }
    my $signature = "v=1; a=rsa-sha256; c=relaxed/relaxed; d=$domain; s=$selector;\r\n\th=" . join(':', @names) . ";\r\n\tbh=$hash;\r\n\tb=";
    open my $output, '>:raw', $file or die "$file: $!";
    print {$output} $octets, relaxed('DKIM-Signature', " $signature");
    close $output;
    my $value = qx(openssl dgst -sha256 -sign '$key' '$file');
    die 'openssl did not sign' unless length $value;
    return "DKIM-Signature: $signature" . (encode_base64($value, "\r\n\t") =~ s/\s+\z//r) . "\r\n$message";
}

sub relaxed {
    my ($name, $value) = @_;
    return lc($name) . ':' . ($value =~ s/\r\n//gr =~ s/[ \t]+/ /gr =~ s/^ | $//gr);
}

1;
