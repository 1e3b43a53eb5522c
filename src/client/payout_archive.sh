#!/bin/sh
# payout_archive.sh LD OBJCOPY AR PARTS OUTPUT: makes one object of an archive, in which the names that
# are hidden are nobody's but its own, and an archive of that.
set -eu
ld=$1 objcopy=$2 ar=$3 parts=$4 output=$5
"$ld" -r --whole-archive "$parts" -o "$output.o"
"$objcopy" --localize-hidden "$output.o"
rm -f "$output"
"$ar" rcs "$output" "$output.o"
rm -f "$output.o"
