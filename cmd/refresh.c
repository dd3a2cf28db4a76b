// SPDX-License-Identifier: Apache-2.0
/* refresh.c - `tetra refresh`: brings up to date for which of the host's containers the policies are that the kernel runs. */
#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "cmd/change.h"
#include "cmd/verb.h"
#include "cmd/workload_files.h"
#include "runtime/apply_scopes.h"
#include "runtime/cgroup_watch.h"

extern const struct verb verb_refresh;

static struct {
	const char *root;
	struct option_list workloads;
	bool quiet, follow;
} arguments;

static size_t count_containers(const struct workloads *workloads)
{
	size_t count = 0;

	for (size_t n = 0; n < workloads->cgroups.count; n++)
		count += workloads->cgroups.items[n].kind == CGROUP_CONTAINER;
	return count;
}

static void print_refreshed(const struct workloads *workloads, size_t scopes)
{
	const size_t containers = count_containers(workloads);

	printf("%zu set%s of workloads, %zu container%s, %zu cgroup%s of the host\n", scopes, scopes == 1 ? "" : "s", containers,
	       containers == 1 ? "" : "s", workloads->cgroups.count - containers, workloads->cgroups.count - containers == 1 ? "" : "s");
}

static int refresh(const struct workload_list *told)
{
	struct scoping scoping = { .told = told };
	struct failure failure = { 0 };
	size_t scopes = 0;
	int error = scopes_refresh(arguments.root, &scoping, &scopes, &failure);

	if (!error && !arguments.quiet) {
		workload_files_print_notes(&scoping.workloads);
		print_refreshed(&scoping.workloads, scopes);
	}
	apply_scopes_release(&scoping);
	if (error == -ENOENT && !failure.text[0]) {
		complain("no policy is applied");
		return EXIT_SYSTEM;
	}
	return error ? change_failed(error, &failure) : EXIT_FINE;
}

/* ---- Following ---- */

enum { RETRY_MILLISECONDS = 1000 };	/* where nothing is applied yet */

static volatile sig_atomic_t interrupted;

static void on_signal(int signal)
{
	interrupted = signal;
}

/* They come while it waits, and never between the look at `interrupted` and that.  *ret: what was blocked before. */
static void catch_signals(sigset_t *ret)
{
	sigset_t caught;
	struct sigaction action = { .sa_handler = on_signal };

	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGHUP, &action, NULL);
	sigemptyset(&caught);
	sigaddset(&caught, SIGINT);
	sigaddset(&caught, SIGTERM);
	sigaddset(&caught, SIGHUP);
	sigprocmask(SIG_BLOCK, &caught, ret);
}

static bool was_said(const struct workloads *before, const struct workload_note *note)
{
	for (size_t n = 0; n < before->note_count; n++)
		if (!strcmp(before->notes[n].text, note->text))
			return true;
	return false;
}

static void print_news(const struct workloads *before, const struct workloads *now, size_t scopes)
{
	if (arguments.quiet)
		return;
	for (size_t n = 0; n < now->note_count; n++)
		if (!was_said(before, &now->notes[n]))
			fprintf(stderr, "%s%snote: %s\n", now->notes[n].place ? now->notes[n].place : "", now->notes[n].place ? ": " : "",
				now->notes[n].text);
	if (count_containers(before) != count_containers(now) || before->cgroups.count != now->cgroups.count)
		print_refreshed(now, scopes);
	fflush(stdout);
}

/* Once: 1 when something may have been missed, so that it is to be done again; 0, or a negative errno. */
static int follow_once(struct cgroup_watch *watch, const struct workload_list *told, struct workloads *before, struct failure *failure)
{
	struct scoping scoping = { .told = told };
	size_t scopes = 0;
	int result = scopes_refresh(arguments.root, &scoping, &scopes, failure);

	if (!result) {
		print_news(before, &scoping.workloads, scopes);
		result = cgroup_watch_add(watch, &scoping.workloads.cgroups);
		if (result < 0)
			fail(failure, result, "cannot watch the tree of cgroups: %s", strerror(-result));
		workloads_release(before);
		*before = scoping.workloads;
		return result;
	}
	apply_scopes_release(&scoping);
	return result;
}

/* For a service manager that waits for that: see sd_notify(3). It is no failure when there is none, or when it does not listen. */
static void tell_ready(void)
{
	static const char ready[] = "READY=1";
	const char *const path = getenv("NOTIFY_SOCKET");
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	const size_t length = path ? strlen(path) : 0;
	int descriptor;

	if (length < 2 || length >= sizeof(address.sun_path) || !strchr("/@", path[0]))
		return;
	memcpy(address.sun_path, path, length);
	if (path[0] == '@')	/* a name that is in no folder */
		address.sun_path[0] = 0;
	descriptor = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (descriptor < 0)
		return;
	(void)!sendto(descriptor, ready, sizeof(ready) - 1, MSG_NOSIGNAL, (const struct sockaddr *)&address,
		      (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length));
	close(descriptor);
}

static int follow(const struct workload_list *told)
{
	struct workloads before = { .note_count = 0 };
	struct failure failure = { 0 };
	struct cgroup_watch watch;
	int result = cgroup_watch_open(&watch);
	bool told_ready = false, nothing_yet;
	sigset_t signals;

	catch_signals(&signals);
	while (result >= 0 && !interrupted) {
		failure.text[0] = 0;
		result = follow_once(&watch, told, &before, &failure);
		nothing_yet = result == -ENOENT && !failure.text[0];
		if (!told_ready && (!result || nothing_yet)) {
			tell_ready();
			told_ready = true;
		}
		if (nothing_yet)
			result = cgroup_watch_wait(&watch, RETRY_MILLISECONDS, &signals);
		else if (!result)
			result = cgroup_watch_wait(&watch, -1, &signals);
		if (result == -EINTR)
			result = 0;
	}
	cgroup_watch_close(&watch);
	workloads_release(&before);
	if (result >= 0)
		return EXIT_FINE;
	complain("%s", failure.text[0] ? failure.text : strerror(-result));
	return EXIT_SYSTEM;
}

static int refresh_run(int count, char **operands)
{
	struct workload_files files = { .list = { NULL, 0 } };
	int code;

	if (count) {
		complain("takes no operand, not '%s'", operands[0]);
		return EXIT_USAGE;
	}
	if (!change_allowed())
		return EXIT_SYSTEM;
	code = workload_files_read(&arguments.workloads, TOLD_OF_THIS, &files);
	if (code == EXIT_FINE)
		code = arguments.follow ? follow(&files.list) : refresh(&files.list);
	workload_files_release(&files);
	return code;
}

static const struct option_row refresh_options[] = {
	WORKLOADS_OPTION(&arguments.workloads),
	{ 'f', "follow", OPTION_FLAG, &arguments.follow, NULL, "stay, and do so whenever a cgroup comes or goes; Ctrl-C ends it" },
	{ 'q', "quiet", OPTION_FLAG, &arguments.quiet, NULL, "say only what fails" },
	{ 0, "root", OPTION_STRING, &arguments.root, "DIR", "pins are below DIR (default /sys/fs/bpf/tetra)", WORD_FOLDER },
	OPTIONS_END
};

static const struct note refresh_examples[] = {
	{ "tetra refresh", "containers that have come, gone or changed since the policies were applied" },
	{ "tetra refresh --follow", "new containers are known a moment after their cgroup is made" },
	NOTES_END
};

static const struct note refresh_files[] = {
	WORKLOADS_NOTE,
	NOTES_END
};

const struct verb verb_refresh = {
	.name = "refresh",
	.summary = "bring up to date for which containers the policies are that the kernel runs",
	.details = "Policies with podSelector, containerSelector or hostSelector, selectors with matchWorkloads and policies of one "
		"namespace are for some processes only. Which cgroups those are is found out when they are applied, and by this verb again: "
		"memory is written, no program is loaded and nothing is attached. Needs root.",
	.options = refresh_options,
	.examples = refresh_examples,
	.files = refresh_files,
	.run = refresh_run,
};
