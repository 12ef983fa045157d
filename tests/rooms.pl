#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-only
# Holds the arrows among rooms in HACKING.md against the sources and the built libraries. Prints TAP.
#   tests/rooms.pl BUILD-DIRECTORY
# A line of the block "arrows" names a room and the rooms that it uses; a line that begins with a blank goes on with
# that. The block must name exactly the arrows that exist: one from a room to each room whose header it includes or whose
# symbol it needs. No two rooms may use each other, also by way of others. Within a room no two files may call each
# other, but for those in %recursive. And every path that HACKING.md names must exist.
use strict;
use warnings;

my %recursive = map { $_ => 1 } ('filter/skb_gen filter/skb_lvalue'); # the grammar of expressions is recursive
my $build = shift // die "usage: $0 BUILD-DIRECTORY\n";
my ($n, $failed) = (0, 0);

sub result {
    my ($name, @faults) = @_;
    $n++;
    $failed++ if @faults;
    print(@faults ? 'not ok' : 'ok', " $n - $name\n", map { "# $_\n" } @faults);
}

# "src/kern/attach/x.c" is in kern/attach, "src/main.c" in main.
sub room_of {
    my ($path) = @_;
    $path =~ s{^src/}{};
    return $path =~ m{(.*)/} ? $1 : 'main';
}

my (%table, @missing);
open(my $map, '<', 'HACKING.md') or die "HACKING.md: $!\n";
my ($in_arrows, $row);
while (<$map>) {
    if (/^```/) {
        $in_arrows = /^```arrows/;
    } elsif ($in_arrows) {
        $row = $1 if s/^(\S+)//;
        $table{$row}{$_} = 1 for split;
        $table{$row} //= {};
    } else {
        push @missing, grep { my @paths = glob($_); !/[A-Z]/ && (!@paths || !-e $paths[0]) } m{`((?:src|bpf|kallsyms|tests|scripts|docs|man)/[^` ]*)`}g;
    }
}

my @sources = sort map { glob($_) } map { ("$_/*.[ch]", "$_/*/*.[ch]", "$_/*/*/*.[ch]") } 'src', 'bpf', 'kallsyms';
my (%uses, %rooms);
for my $file (@sources) {
    my $room = room_of($file);
    $rooms{$room} = 1;
    open(my $in, '<', $file) or die "$file: $!\n";
    while (<$in>) {
        next unless m{^#include "([a-z_/]+)/[^/"]+"} and $1 ne $room;
        $uses{$room}{$1} //= "$file includes a header of $1";
    }
}

# Objects are BUILD/ROOM/libNAME.a.p/FILE.c.o, or src_ROOM_FILE.c.o below the program's own directory.
my (%defined, %needed);
my @objects = map { glob($_) } map { ("$build/$_/*.p/*.o", "$build/$_/*/*.p/*.o", "$build/$_/*/*/*.p/*.o") } 'src', 'kallsyms';
open(my $nm, '-|', 'nm', '-A', '-P', @objects) or die "nm: $!\n";
while (<$nm>) {
    my ($dir, $file, $symbol, $type) = m{^\Q$build\E/(.*)/[^/]+\.p/(.*)\.c\.o: (\S+) (\S)} or next;
    my $unit = room_of("$dir/") . "/$file";
    $defined{$symbol} = $unit if $type =~ /^[TDBRVWC]$/;
    push @{ $needed{$unit} }, $symbol if $type eq 'U';
}
close($nm) or die "nm failed\n";
my %calls;
for my $unit (keys %needed) {
    for my $symbol (@{ $needed{$unit} }) {
        my $other = $defined{$symbol} // next;
        next if $other eq $unit;
        my ($from, $to) = map { m{(.*)/} ? $1 : die } $unit, $other;
        if ($from eq $to) {
            $calls{$unit}{$other} = $symbol;
        } else {
            $uses{$from}{$to} //= "$unit needs $symbol of $other";
        }
    }
}

# The nodes that a node reaches.
sub reach {
    my ($graph, $from) = @_;
    my (%seen, @todo);
    @todo = keys %{ $graph->{$from} // {} };
    while (defined(my $node = pop @todo)) {
        push @todo, keys %{ $graph->{$node} // {} } unless $seen{$node}++;
    }
    return \%seen;
}

result('the libraries were found', scalar(keys %needed) > 100 ? () : "only " . keys(%needed) . " objects below $build");
result('HACKING.md has every room', map { "$_ is not in its arrows" } grep { !$table{$_} } sort keys %rooms);
result('HACKING.md has no other room', map { "$_ does not exist" } grep { !$rooms{$_} } sort keys %table);
for my $room (sort keys %table) {
    my $used = $uses{$room} // {};
    result("$room uses what HACKING.md says",
        (map { "$_ is not in its row: $used->{$_}" } grep { !$table{$room}{$_} } sort keys %$used),
        (map { "$_ is in its row, and not used" } grep { !$used->{$_} } sort keys %{ $table{$room} }));
}
result('HACKING.md names only paths that exist', map { "$_ does not exist" } @missing);
result('no two rooms use each other', map { "$_ uses itself by way of others" } grep { reach(\%uses, $_)->{$_} } sort keys %uses);
my %circles;
for my $unit (sort keys %calls) {
    my $reached = reach(\%calls, $unit);
    next unless $reached->{$unit};
    $circles{ join ' ', sort grep { reach(\%calls, $_)->{$unit} } keys %$reached } = 1;
}
result('no two files of a room call each other', map { "these do: $_" } grep { !$recursive{$_} } sort keys %circles);
if (@ARGV && $ARGV[0] eq '--print') {
    print STDERR join(' ', $_, sort keys %{ $uses{$_} // {} }), "\n" for sort keys %rooms;
}
print "1..$n\n";
exit($failed ? 1 : 0);
