#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The server for Prometheus answers a scrape, whatever other clients do or have done, and
# uses no CPU time between requests. tests/cli/clients.c has the words.
. "$(dirname "$0")/lib.sh"
. "$root/tests/cli/serve.sh"
: "${CLIENTS:?}"
places=64

# clients WORD...: all of it is done and answered
clients() { "$CLIENTS" "$port" "$@" >told || die "clients $*: $(tail -n 1 told)"; }
# told LINE: by one of the words of the last clients
told() { grep -qx -- "$1" told || die "expected '$1', got: $(paste -sd, told)"; }

# Silent clients, beside them, after they have left, and all of that again.
for count in $((places - 1)) $places 100 130 $places 130 100; do
	serving svm-full --listen 127.0.0.1:0
	clients silent "$count" scrape 1 rests $pid leave scrape 2 rests $pid
	clients silent "$count" leave scrape 1 silent "$count" scrape 1 leave
	# Of a process that has gone: all of them leave at once.
	clients silent "$count"
	clients scrape 1 rests $pid
	stop -TERM
done

serving svm-full --listen 127.0.0.1:0
# A full table drops the oldest client for each new one.
clients silent 20 scrape 1 open silent 110 scrape 1 open
told 'open 20'
told "open $((places - 1))"
# More clients than places beside those that ask all the time.
clients silent 500 scrape 20 silent 20 scrape 20 leave scrape 1 rests $pid
# Clients that do not read what they have asked for, up to a full table and beyond.
clients deaf 20 scrape 1 rests $pid
for count in $places 130; do
	clients deaf "$count" scrape 3 rests $pid silent "$count" scrape 3 leave scrape 1
	clients scrape 1 rests $pid
done
# Half a request and no more, a request and no more, and a storm of resets.
clients half 130 scrape 1 finish leave finish rests $pid
clients reset 3000 scrape 1 silent $places reset 1000 scrape 1 rests $pid leave scrape 1 rests $pid
stop -TERM

# No file is left for a new client: one of the old ones goes, or, without any, it waits.
serving svm-full --listen 127.0.0.1:0
clients silent 10 scrape 1 rests $pid fill $pid scrape 3 rests $pid silent 5 scrape 1 leave scrape 1
clients free $pid scrape 1 rests $pid
clients fill $pid silent 5 rests $pid free $pid scrape 1 rests $pid
read -r -t 100 -u "$said" line
same "$line" 'exitprof: cannot accept connections: Too many open files'
read -r -t 100 -u "$said" line
[[ $line == 'hint: '*'ulimit -n'* ]] || die 'no hint'
stop -TERM

# It ends at once, with status 0, whatever the clients are at: they have half a request, an
# answer that they do not read, an endless storm, or one request after another.
for signal in INT TERM INT TERM INT TERM; do
	for what in 'silent 130 scrape 1 stay' 'deaf 130 scrape 1 stay' 'scrape 1 reset 1000000000' \
		'scrape 1 scrape 1000000000'; do
		serving svm-full --listen 127.0.0.1:0
		line=
		# shellcheck disable=SC2086
		exec {busy}< <(exec "$CLIENTS" "$port" $what)
		storm=$!
		until [[ $line == scrape ]]; do read -r -u "$busy" line || die "$what: $line"; done
		stop -$signal
		# Nobody answers any more.
		[[ $what != *stay ]] || kill $storm
		! wait $storm || die "still served: $what"
		exec {busy}<&-
	done
done
