#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The worked examples of rules (tests/golden/rules) on this kernel, as they are written there: what they forbid is tried, what they allow, and each
# way round them that is known.  TAP.  rules.tsv has what is tried and what must come of it; docs/bypasses.md shows it (rules-table).
# All examples are applied at once and monitor; each enforces while its rows are tried.  Then rules-closing.yaml is applied, and what got through is
# tried again.  Of the examples only two are changed: batch-users gets the id of a cgroup that is there, and modes are set by `tetra mode`.
# It makes and changes files in /etc, /usr, /var and /opt: for test machines alone.
. "$(dirname "$0")/lib.sh"

[ -n "${TETRA_VM_KERNEL-}" ] || skip_all "needs a machine of its own: it changes /etc and /usr"
examples=$tools/rules
attempts=$tools/attempts
tokens=/run/secrets/kubernetes.io/serviceaccount
loader=/lib64/ld-linux-x86-64.so.2
results=$work/results
mkdir "$work/rows" "$work/before"
: >"$results" >"$work/rows/before" >"$work/rows/now" >"$work/rows/closed"

# ---- The machine ----

programs() { # PATH...: programs of those names, which do what they are told
	for path in "$@"; do
		mkdir -p "$(dirname "$path")" && rm -f "$path" && cp "$attempts" "$path" || exit 1
	done
}

files() { # PATH...
	for path in "$@"; do
		mkdir -p "$(dirname "$path")" && echo content >"$path" || exit 1
	done
}

script() { # PATH INTERPRETER
	printf '#!%s\n' "$2" >"$1" && chmod 755 "$1"
}

furnish() {
	programs /usr/bin/curl /usr/bin/fine /usr/local/share/tools/scan /usr/local/share/tools/old1 /usr/local/share/tools/old2 \
		/usr/local/bin/healthcheck /usr/sbin/nginx /usr/bin/gzip /opt/nginx/helpers/one /opt/nginx/helpers/deep/two /opt/renamed1 /opt/renamed2 \
		/usr/bin/passwd /usr/sbin/useradd /app/server /opt/prog /tmp/prog /dev/shm/prog /var/tmp/prog /var/tmp/prog1 /var/tmp/prog2 \
		/usr/bin/runc /usr/bin/kmod /usr/bin/tetragon /usr/bin/gdb /usr/bin/strace /usr/bin/su /usr/bin/sudo /opt/suid /opt/sgid \
		/opt/with-capability /usr/sbin/logrotate /opt/root/usr/bin/kmod /opt/root/usr/bin/sudo /opt/root/opt/nginx/helpers/other /opt/interpreter
	files /etc/shadow /etc/new /etc/new2 /etc/sudoers.d/a /opt/evil /usr/sbin/usermod "$tokens/token" "$tokens/movable1" "$tokens/movable2" \
		/opt/module.ko /usr/lib/modules/one.ko /opt/root/usr/lib/modules/one.ko /usr/lib/systemd/systemd /opt/root-only /opt/unrelated /opt/unrelated2 \
		/var/log/a.log /var/log/c.log /var/log/rotated.log /opt/empty1 /opt/empty2 /etc/ssh/key
	for n in 1 2; do files /var/log/b$n.log /var/log/d$n.log /var/log/e$n.log /var/log/f$n.log /var/log/g$n.log; done
	mkdir -p /mnt /var/log/folder /opt/link /run/crio /run/datagrams /run/named1 /run/named2
	# The patterns' own: with a home that is a mount.
	mkdir -p /run/letters-1 /run/letters /home/ann/.ssh /home/ann/deep/.ssh /home/bob && mount -t tmpfs none /home/bob && mkdir /home/bob/.ssh || exit 1
	programs /opt/tool/bin/run /opt/tool/run /srv/images/plain /srv/images/with-bit /srv/images/other /srv/untrusted/prog
	files /home/ann/.ssh/id /home/ann/.ssh/known_hosts /home/ann/plain1 /home/ann/plain2 /home/bob/.ssh/id /home/bob/plain /etc/ssh/host_key \
		/srv/deep/file /srv/records/open /srv/records/held /opt/a.key /opt/my-secret-file /opt/abc /opt/b1 /opt/b2 /etc/deep/x.conf \
		/srv/config/a /srv/config/drafts/a /srv/config/drafts/final /srv/config/drafts/a.key /srv/vault/a /srv/vault/inside/a /srv/vault/inside-out
	ln -s /home/ann/.ssh /opt/link-to-keys && ln -s /srv/config/a /srv/config/drafts/link && chmod 4755 /srv/images/with-bit || exit 1
	cp "$tools/workload" /usr/local/share/tools/dynamic && cp "$tools/workload" /tmp/dynamic
	mkdir -p /srv/keep /srv/above /srv/data/one/two /srv/data/one/cache /srv/api && ln -s /srv/keep /opt/link-to-kept || exit 1
	mkdir -p /srv/drop/folder /srv/dev /srv/current /srv/tree/tmp /srv/tree/old1 /srv/tree/old2 /srv/upload /srv/kept /srv/other || exit 1
	programs /usr/bin/uploader /usr/sbin/filter /opt/wget
	script /opt/script-of-curl "/usr/bin/curl --insecure"
	files /srv/other/a1 /srv/other/a2 /srv/drop/there1 /srv/drop/there2 /srv/dev/plain /srv/current/plain /srv/tree/plain /srv/kept/plain1 /srv/kept/plain2
	ln -s /etc/shadow /srv/other/link && ln -s /etc/shadow /srv/current/link && ln -s /etc/shadow /srv/kept/link1 && ln -s /etc/shadow /srv/kept/link2 &&
		mknod /srv/dev/null c 1 3 || exit 1
	script /opt/script-of-sh /bin/sh && script /dev/shm/script-of-sh /bin/sh && script /tmp/script /opt/interpreter &&
		script /opt/nginx/helpers/script /opt/interpreter && script /opt/script-of-suid /opt/suid
	ln -s /usr/bin/curl /opt/link-to-curl && ln -s /usr/bin/busybox /opt/nginx/helpers/link-to-sh && ln -s /etc/shadow /opt/link-to-shadow &&
		ln -s /etc /opt/link-to-etc && ln -s "$tokens/token" /opt/link-to-token && ln -s /tmp/prog /opt/link-to-tmp &&
		ln -s /opt/module.ko /usr/lib/modules/link.ko && ln -s /opt/suid /opt/link/sudo && ln -s /run/docker.sock /opt/link-to-socket &&
		ln -s /var/log /opt/link-to-log && ln -s /etc/ssh/key /opt/link-to-key || exit 1
	rm -f /usr/bin/newgrp
	[ ! -e /dummy.ko ] || [ -d /sys/module/dummy ] || insmod /dummy.ko || exit 1
	chmod 4755 /opt/suid /usr/bin/sudo /opt/root/usr/bin/sudo && chmod 2755 /opt/sgid && chmod 600 /opt/root-only && chmod 1777 /var/tmp &&
		chmod 666 /etc/ssh/key && "$attempts" @0 setcap /opt/with-capability >/dev/null || exit 1
}

# Addresses that the connections are to go to, and who answers there.
connect_machine() {
	for address in 10.20.1.1/32 10.96.0.10/32 192.0.2.1/32 2001:db8:20::1/128 2001:db8:99::1/128; do
		ip addr add $address dev lo || exit 1
	done
	mkfifo "$work/never"	# who answers stays until the machine ends
	"$attempts" @0 listen 80 listen 443 listen 8443 listen 53 bind-unix stream /run/docker.sock bind-unix packets /run/crio/crio.sock \
		bind-unix stream /run/other.sock bind-unix stream /run/named1/containerd.sock bind-unix stream /run/named2/containerd.sock \
		bind-unix datagram /run/datagrams/docker.sock bind-unix datagram /run/letters-1/in bind-unix datagram /run/letters/in \
		open wc "$work/answering" wait "$work/never" >/dev/null 2>&1 &	# nobody waits for more of this script's output
	"$attempts" @0 bpf-load bpf-pin /sys/fs/bpf/loaded || exit 1
	while [ ! -e "$work/answering" ]; do sleep 0.1; done
}

make_pods() {
	for cgroup in web api payments batch batch/inner; do mkdir -p /sys/fs/cgroup/$cgroup || exit 1; done
	cat >"$work/workloads.yaml" <<EOT
- {cgroup: /web, namespace: prod, pod: web-0, name: web, podLabels: {app: web}}
- {cgroup: /api, namespace: prod, pod: api-0, name: api, podLabels: {app: api}}
- {cgroup: /payments, namespace: prod, pod: payments-0, name: payments, podLabels: {app: payments}}
EOT
	sed "s/ids: \[18763\]/ids: [$(stat -c %i /sys/fs/cgroup/batch)]/" "$examples/batch-users.yaml" >"$work/batch-users.yaml"
}

# ---- Rows ----

# What is said of this kernel: "VERDICT KERNEL=VERDICT...". Lines: number, example, label, steps; of those that begin before the policies too.
plan() {
	awk -F '\t' -v kernel="$TETRA_VM_KERNEL" -v tokens="$tokens" -v loader="$loader" -v attempts="$attempts" -v work="$work" \
		-v module="$(ls /dummy.ko 2>/dev/null)" -v only="${TETRA_LIVE_ONLY-}" '
		function here(said, words, count, n) {
			count = split(said, words, " ")
			for (n = 2; n <= count; n++)
				if (index(words[n], kernel "=") == 1) return substr(words[n], length(kernel) + 2)
			return words[1]
		}
		function steps(text, label) {
			gsub(/TOKENS/, tokens, text); gsub(/LOADER/, loader, text); gsub(/ATTEMPTS/, attempts, text)
			gsub(/HELD/, work "/held-" $1, text); gsub(/LABEL/, "@" label, text); gsub(/%/, label ~ /a$/ ? 1 : 2, text)
			return text
		}
		/^#/ { next }
		{ number++ }
		$1 !~ only { next }
		here($6) == "-" || ($5 ~ /unload/ && module == "") { next }	# no module comes with some kernels
		!($1 in seen) { seen[$1]; print $1 >(work "/rows/examples") }
		{ print number "a\t" $1 "\t" steps($5, number "a") "\t" here($6) "\t" $2 "\t" $1 ": " $3 ": " $4 >(work "/rows/" ($5 ~ /HELD/ ? "before" : "now")) }
		$7 != "-" && here($7) != "-" {
			print number "b\t" $1 "\t" steps($5, number "b") "\tclosed\t" here($7) "\t" $1 ": " $4 ": by " here($7) >(work "/rows/closed")
		}' "$here/rules.tsv"
}

# What an attempt says, or the status of a program that says nothing itself.  The words of steps have no blanks.
attempt() { # LABEL STEPS LIMIT
	status=0
	# shellcheck disable=SC2086
	timeout "$3" "$attempts" "@$1" $2 >"$work/said-$1" 2>/dev/null </dev/null || status=$?
	said=$(cat "$work/said-$1")
	case $said in
	E[A-Z]*) ;;
	*) [ $status -eq 0 ] && said=works || said=$status ;;
	esac
	printf '%s\t%s\n' "$1" "$said"
}

begin_before() {
	tab=$(printf '\t')
	while IFS=$tab read -r label of steps rest; do
		[ -p "$work/held-$of" ] || mkfifo "$work/held-$of"
		attempt "$label" "$steps" 2000 >"$work/before/$label" &
		echo "$of $label" >>"$work/waiting"
	done <"$work/rows/before"
}

# They go on, and are waited for.
end_before() { # example
	grep -q "^$1 " "$work/waiting" || return 0
	timeout 10 sh -c ": >$work/held-$1"
	for label in $(sed -n "s/^$1 //p" "$work/waiting"); do
		for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
			[ ! -s "$work/before/$label" ] || break
			sleep 0.2
		done
		cat "$work/before/$label" >>"$results"
	done
}

try_rows() { # FILE EXAMPLE
	tab=$(printf '\t')
	grep "^[^$tab]*$tab$2$tab" "$1" >"$work/turn" || return 0
	while IFS=$tab read -r label of steps rest; do
		attempt "$label" "$steps" 20 >>"$results"
	done <"$work/turn"
}

mode() { # enforce or monitor, NAME
	"$tetra" mode --root "$root" --set="$1" "$2" >"$work/said" 2>&1 && return 0
	case $2 in become-root | dangerous-caps) return 0 ;; esac	# audit: they have nothing to enforce
	explain "$work/said"
	return 1
}

# ---- What came of it ----

claim() { # NAME STATUS [FILE]
	number=$((number + 1))
	if [ "$2" -eq 0 ]; then
		echo "ok $number - $1"
	else
		failed=1
		echo "not ok $number - $1"
		[ -z "${3-}" ] || explain "$3"
	fi
}

# Of each row: what must be, what the attempt said, and the rule's events: "enforced" or not, how many.
judge() { # rows...
	cat "$work/rows/before" "$work/rows/now" "$@" 2>/dev/null | sort -n | awk -F '\t' -v number="$number" -v results="$results" -v events="$work/events" '
		function fits(must, said, denied, seen) {
			if (must == "works") return said == must && !denied && !seen
			if (must == "reported") return said == "works" && seen && !denied
			if (must == "closed") return said != "works" && denied
			if (must == "outlived") return said == "works"
			if (must == "once") return said == "works" && seen == 1 && !denied
			if (must ~ /^reported:/) return index(said, substr(must, 10)) == 1 && seen && !denied
			if (must ~ /^not:/) return index(said, substr(must, 5)) == 1 && !denied && !seen
			return index(said, must) == 1 && denied
		}
		BEGIN {
			while ((getline line <results) > 0) { split(line, part, "\t"); result[part[1]] = part[2] }
			while ((getline line <events) > 0) {
				if (!match(line, /@[0-9]+[ab]/)) continue
				label = substr(line, RSTART + 1, RLENGTH - 1)
				if (!match(line, /"rule:[^"]*"/)) continue
				rule = substr(line, RSTART + 6, RLENGTH - 7)
				if (line ~ /"enforcement":"enforced"/) denied[label, rule]++
				else if (line !~ /"enforcement":"monitored"/) seen[label, rule]++
				all[label] = all[label] " " rule (line ~ /"enforcement":"enforced"/ ? " (denied)" : line ~ /"enforcement":"monitored"/ ? " (monitored)" : "")
			}
		}
		{
			said = $1 in result ? result[$1] : "nothing"
			fine = fits($4, said, denied[$1, $5] + 0, seen[$1, $5] + 0)
			number++
			print (fine ? "ok " : "not ok ") number " - " $6 ": " $4
			if (fine) next
			print "# it is: " said "; events of: " (all[$1] == "" ? "none" : all[$1])
			print "# steps: " $3
			failed = 1
		}
		END { print number >"/dev/stderr"; exit failed }' 2>"$work/number" || failed=1
	number=$(tail -n 1 "$work/number")
}

# Until the last event is there: what is denied comes after all else.
gather() {
	"$attempts" @999a unlink /var/log/a.log >/dev/null
	for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30; do
		! grep -q '"arguments":"@999a' "$work/events" || break
		sleep 0.3
	done
	kill -INT $watcher
	wait $watcher
}

grep -qw bpf /sys/kernel/security/lsm || skip_all "needs bpf among the security modules (lsm=...,bpf)"
furnish
make_pods
connect_machine
plan
begin_before
all=$(cat "$work/rows/examples")	# those of which nothing is tried here are not applied either
policies=
for example in $all; do
	policy=$examples/$example.yaml
	[ $example != batch-users ] || policy=$work/batch-users.yaml
	policies="$policies $policy"
done
if kernel_is 5.10; then
	"$tetra" apply --root "$root" "$work/batch-users.yaml" >"$work/said" 2>&1 && status=1 || status=0
	grep -q "batch-users.yaml:9:.*lsm 'userns_create': this kernel has no such lsm" "$work/said" || status=1
	claim "batch-users: a kernel without userns_create refuses it, with the line" $status "$work/said"
fi
# shellcheck disable=SC2086
"$tetra" apply --root "$root" --workloads "$work/workloads.yaml" $policies >"$work/said" 2>&1 && status=0 || status=$?
claim "all examples are applied at once" $status "$work/said"
echo "# applied after $(cut -d ' ' -f 1 /proc/uptime) s"
"$tetra" getevents --root "$root" --since-start --event-types process_lsm,process_kprobe,process_tracepoint >"$work/events" 2>"$work/events.err" &
watcher=$!

for example in $all; do
	mode enforce $example || claim "$example enforces" 1
	end_before $example
	try_rows "$work/rows/now" $example
	if [ $example = bpf-users ]; then
		"$tetra" apply --root "$root" "$here/rules-closing.yaml" >"$work/said" 2>&1 && status=1 || status=0
		claim "bpf-users: it also means tetra's own apply, which is refused" $status "$work/said"
	fi
	mode monitor $example || claim "$example monitors" 1
	echo "# $example: tried after $(cut -d ' ' -f 1 /proc/uptime) s"
done

case $TETRA_VM_KERNEL in	# the later ones are of newer kernels
5.10) documents=1 ;;
6.1) documents=2 ;;
*) documents=3 ;;
esac
awk -v documents=$documents '/^---$/ { passed++ } passed < documents' "$here/rules-closing.yaml" >"$work/closing.yaml"
"$tetra" apply --root "$root" --workloads "$work/workloads.yaml" "$work/closing.yaml" >"$work/said" 2>&1 && status=0 || status=$?
claim "what closes them is applied" $status "$work/said"
echo "# closed after $(cut -d ' ' -f 1 /proc/uptime) s"
for example in $all; do
	try_rows "$work/rows/closed" $example
done
mode enforce keep-logs
gather
judge "$work/rows/closed"
[ -e /dummy.ko ] || {
	number=$((number + 1))
	echo "ok $number - told: a module is taken out # SKIP no module came with this kernel"
}
"$tetra" list --root "$root" >"$work/list" 2>&1
grep 'lost [1-9]' "$work/list" >"$work/lost" && status=1 || status=0
claim "no event was lost" $status "$work/lost"
# shellcheck disable=SC2046
kill $(jobs -p) 2>/dev/null	# who answers, and what waits still: they hold this script's output, which is waited for
echo "# done after $(cut -d ' ' -f 1 /proc/uptime) s"
finish
