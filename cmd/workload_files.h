/* SPDX-License-Identifier: Apache-2.0 */
/* workload_files.h - the user's files that tell of this host's containers, for the verbs that fill or show the sets of workloads. */
#ifndef CMD_WORKLOAD_FILES_H
#define CMD_WORKLOAD_FILES_H

#include "cmd/verb.h"
#include "compiler/workload_list.h"
#include "runtime/workloads.h"

#define WORKLOADS_DEFAULT "/etc/tetra/workloads.yaml"
#define WORKLOADS_OPTION(list)                                                                                              \
	{ 0, "workloads", OPTION_LIST, list, "FILE,...", "what is known of this host's containers beside what their runtimes say; " \
	  "read after " WORKLOADS_DEFAULT, WORD_FILE }
#define WORKLOADS_NOTE { WORKLOADS_DEFAULT, "what is known of this host's containers, if it is there; see docs/workloads.md" }

/* Zeroed before. */
struct workload_files {
	struct arena arena;	/* the texts, too: they live as long as the list */
	struct workload_list list;
};

/* Says what is wrong; EXIT_REFUSED when a file is not as it should be, EXIT_SYSTEM when it cannot be read. */
enum told_of { TOLD_OF_THIS, TOLD_OF_ANOTHER };	/* host: the default file is about this one */
int workload_files_read(const struct option_list *names, enum told_of of, struct workload_files *ret);
void workload_files_release(struct workload_files *files);

/* On stderr. */
void workload_files_print_notes(const struct workloads *workloads);

/* A whole file of at most `limit` bytes, NUL-terminated (malloc), complained about when that is not so; NULL then, with *code. */
char *file_read(const char *path, size_t limit, size_t *length, int *code);

#endif
