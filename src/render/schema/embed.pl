#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-only
# Prints a file as the C string schema_json[].
use strict;
use warnings;

open my $in, '<', $ARGV[0] or die "$ARGV[0]: $!\n";
print qq{#include "render/schema/schema.h"\n\nconst char schema_json[] =};
while (<$in>) {
    chomp;
    s/([\\"])/\\$1/g;
    print qq{\n\t"$_\\n"};
}
print ";\n";
