#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-only
# Updates pages of the documentation after recordings, explanations or drops.sh have changed:
#   tests/docs/refill.pl PAGE.md...
# Replaces the output of "$ skbtrail explain" and "$ skbtrail report" commands by what they print now. Replaces a ```sh
# block that begins with "# REASON, in tests/vm/drops.sh" (or drops-*.sh) by that function. Output with a line "…" stays as
# it is, because somebody has selected its lines. Read the diff afterwards.
use strict;
use warnings;
use Cwd qw(abs_path);
use File::Basename qw(dirname);

my @pages = map { abs_path($_) } @ARGV;
chdir dirname(abs_path($0)) . '/../..' or die "refill: $!\n";
$ENV{NO_COLOR} = 1;
$ENV{PATH} = abs_path('build') . ":$ENV{PATH}";

sub slurp { my ($file) = @_; open my $in, '<', $file or die "refill: $file: $!\n"; local $/; return <$in> }

my $functions = join '', map { slurp($_) } glob 'tests/vm/drops*.sh';

# The text between the braces of a function.
sub body_of {
    my ($name) = @_;
    if ($functions =~ /^$name\(\) \{ (.*?);? \}( #.*)?$/m) {
        return $1 . ($2 // '') . "\n";
    }
    $functions =~ /^$name\(\) \{\n(.*?)^\}\n/ms or die "refill: no $name in tests/vm/drops*.sh\n";
    return $1 =~ s/^    //gmr;
}

for my $page (@pages) {
    my $text = slurp($page);
    $text =~ s{^\$ (skbtrail (?:explain|report) [^\n]*)\n(.*?)(?=^\$ |^```$)}
              {$2 =~ /^…$/m ? $& : "\$ $1\n" . (qx({ $1; } 2>&1) =~ s/[ \t]+$//gmr)}gmse;
    $text =~ s{^(# ([A-Z0-9_]+), in tests/vm/drops[-a-z]*.sh\n).*?(?=^```$)}
              {$1 . body_of($2)}gmse;
    open my $out, '>', $page or die "refill: $page: $!\n";
    print $out $text;
}
