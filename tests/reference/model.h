/* SPDX-License-Identifier: Apache-2.0 */
/*
 * model.h - policies and events as the reference of the language speaks of them: what the judge of verdicts judges.
 *
 * Nothing here, and nothing in this folder but differential.c, predicates.c and test_tables.c, comes from the compiler,
 * its tables or the matcher: the two must be able to disagree.  Values of filters are the texts of the policy, read
 * anew at every look; nothing is prepared, nothing is fast.
 *
 * "The reference" is the description of the language and of what Tetragon does with it; numbers in comments of this
 * folder (5.3, 10.16) are its sections.
 *
 * Everything is allocated by model_allocate() and lives until model_release().
 */
#ifndef TESTS_REFERENCE_MODEL_H
#define TESTS_REFERENCE_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Zeroed.  Never fails: without memory the program ends. */
void *model_allocate(size_t size);
void model_release(void);

/* Bytes of any value; a NUL that does not count follows. */
struct model_text { const char *bytes; size_t length; };
struct model_texts { struct model_text *items; size_t count; };

struct model_text model_text(const char *bytes);	/* of a string; not copied */
struct model_text model_copy(const void *bytes, size_t length);
struct model_text model_format(const char *format, ...) __attribute__((format(printf, 1, 2)));
bool model_text_equal(struct model_text a, struct model_text b);
void model_texts_add(struct model_texts *texts, struct model_text text);
bool model_texts_have(const struct model_texts *texts, struct model_text text);

/* ---- Types, operators, hooks: section 4.1, 5.4, 5.5 and 3 ---- */

enum model_hook_kind {
	MODEL_KPROBE, MODEL_FENTRY, MODEL_TRACEPOINT, MODEL_RAW_TRACEPOINT, MODEL_UPROBE, MODEL_USDT, MODEL_LSM,
	MODEL_HOOK_KINDS
};
struct model_hook_row {
	const char *section, *event;	/* under spec; in events */
};
extern const struct model_hook_row model_hooks[MODEL_HOOK_KINDS];

/* The columns of 5.5. */
enum model_class {
	MODEL_OTHER, MODEL_SIGNED, MODEL_UNSIGNED, MODEL_SET, MODEL_STRING, MODEL_PATH, MODEL_SOCKET, MODEL_SOCKADDR,
	MODEL_UNIX,
};
enum { MODEL_TYPES = 52 };
struct model_type_row {
	const char *name;
	enum model_class class;
	unsigned bits;		/* of integers */
	const char *hooks;	/* a letter of KFTRUSL for each hook kind, in that order, on which it is read and decoded */
	const char *key;	/* of the value in events; "" when there is none */
};
extern const struct model_type_row model_types[MODEL_TYPES];
int model_type_find(const char *name);	/* -1: there is none */

enum model_test {
	TEST_GREATER, TEST_LESS, TEST_EQUAL, TEST_PREFIX, TEST_POSTFIX, TEST_IN_MAP, TEST_MASK, TEST_ADDRESS, TEST_PORT,
	TEST_PRIVILEGED, TEST_PROTOCOL, TEST_FAMILY, TEST_STATE, TEST_GAINED, TEST_RANGE, TEST_SUBSTRING, TEST_SUBSTRING_ANY_CASE,
	TEST_EXPRESSION, TEST_FILE_TYPE, TEST_IN,
};
enum { MODEL_ARGUMENT_OPERATORS = 36, MODEL_OPERATORS = 38 };	/* the last two are In and NotIn */
struct model_operator_row {
	const char *name;
	enum model_test test;
	bool negated;
	bool destination;	/* of addresses and ports: else the source */
	unsigned classes;	/* bit per class on which it is "ok" */
};
extern const struct model_operator_row model_operators[MODEL_OPERATORS];
int model_operator_find(const char *name);

struct model_name { const char *name; unsigned number; };
extern const struct model_name model_protocols[], model_states[], model_families[], model_file_types[];	/* end with NULL */
enum { MODEL_NAMESPACES = 10, MODEL_CAPABILITIES = 41, MODEL_CAPABILITY_SETS = 3 };
enum { NAMESPACE_PID = 3, NAMESPACE_USER = 9 };
extern const char *const model_namespaces[MODEL_NAMESPACES];		/* by their number of 5.3 */
extern const char *const model_namespace_keys[MODEL_NAMESPACES];	/* in events */
extern const char *const model_capabilities[MODEL_CAPABILITIES];	/* by bit */
extern const char *const model_capability_sets[MODEL_CAPABILITY_SETS];	/* by their number of 5.3 */

/* ---- Policies ---- */

/* CelExpr (5.9), of which TRUTH, ARGUMENT and NUMBER are the leaves. */
enum model_word {
	WORD_TRUTH, WORD_NUMBER, WORD_ARGUMENT, WORD_CAST, WORD_NOT, WORD_ALL, WORD_ANY, WORD_EQUAL, WORD_UNEQUAL, WORD_LESS,
	WORD_LESS_EQUAL, WORD_GREATER, WORD_GREATER_EQUAL, WORD_ADD, WORD_SUBTRACT, WORD_AND, WORD_OR, WORD_XOR, WORD_INVERT,
};
enum model_number_type { NUMBER_INT32, NUMBER_UINT32, NUMBER_INT64, NUMBER_UINT64 };
struct model_expression {
	enum model_word word;
	enum model_number_type type;	/* of numbers, and of what is compared */
	uint64_t number;		/* NUMBER, TRUTH; ARGUMENT: its position */
	struct model_expression *left, *right;
};

struct model_requirement {
	struct model_text key;
	enum model_label_operator { LABEL_IN, LABEL_NOT_IN, LABEL_EXISTS, LABEL_DOES_NOT_EXIST } op;
	bool in_labels;		/* written in matchLabels: key IN one value */
	struct model_texts values;
};
struct model_label_selector { struct model_requirement *items; size_t count; };	/* of none: everything */
struct model_workloads { struct model_label_selector *pod, *container, *host; };	/* NULL: absent */

enum model_filter_kind {
	MATCH_ARGS, MATCH_DATA, MATCH_RETURN_ARGS, MATCH_PIDS, MATCH_BINARIES, MATCH_PARENT_BINARIES, MATCH_NAMESPACES,
	MATCH_NAMESPACE_CHANGES, MATCH_CAPABILITIES, MATCH_CAPABILITY_CHANGES, MATCH_WORKLOADS,
	MODEL_FILTER_KINDS
};
extern const char *const model_filter_names[MODEL_FILTER_KINDS];

struct model_filter {
	enum model_filter_kind kind;
	int op;				/* row of model_operators */
	uint32_t index;			/* ARGS, DATA, RETURN_ARGS */
	uint32_t positions[2];		/* ARGS: instead of index */
	size_t position_count;
	struct model_texts values;
	bool in_namespace;		/* isNamespacePID, isNamespaceCapability */
	bool follow;			/* followForks, followChildren */
	unsigned name;			/* which namespace, which capability set */
	struct model_expression *expression;	/* CelExpr */
	struct model_workloads *workloads;
};
struct model_filters { struct model_filter *items; size_t count; };
void model_filters_add(struct model_filters *filters, struct model_filter filter);

struct model_selector {
	struct model_filters filters;	/* its own */
	struct model_texts macros;	/* names */
	struct model_texts actions;	/* as YAML: "{action: Post}" */
};
struct model_selectors { struct model_selector *items; size_t count; };
void model_selectors_add(struct model_selectors *selectors, struct model_selector selector);

struct model_argument { uint32_t index; int type; const char *source, *resolve; };	/* source: of data */
struct model_arguments { struct model_argument items[16]; size_t count; };

struct model_hook {
	enum model_hook_kind kind;
	const char *name, *subsystem;	/* subsystem: of tracepoints */
	bool syscall;
	struct model_arguments arguments, data;
	int return_type;		/* -1: it does not watch the return */
	uint32_t return_index;
	struct model_selectors selectors;
};
struct model_macro { struct model_text name; struct model_filters filters; };
struct model_policy {
	struct model_text name, name_space;	/* name_space.bytes NULL: of the cluster */
	struct model_workloads workloads;
	struct { struct model_macro *items; size_t count; } macros;
	struct { struct model_hook *items; size_t count; } hooks;
};

/* The filters of a selector, those of its macros behind its own. */
struct model_filters model_selector_filters(const struct model_policy *policy, const struct model_selector *selector);

/* The type of what a filter of matchArgs, matchData or matchReturnArgs looks at; -1: it names none. */
int model_filter_type(const struct model_hook *hook, const struct model_filter *filter);

/* ---- Events ---- */

enum model_cut { CUT_NOT, CUT_END, CUT_FRONT };
enum model_part { PART_FAMILY, PART_TYPE, PART_PROTOCOL, PART_STATE, PART_SOURCE, PART_DESTINATION, PART_SOURCE_PORT,
		  PART_DESTINATION_PORT, MODEL_PARTS };

struct model_value {
	enum model_value_state { VALUE_ABSENT, VALUE_UNREADABLE, VALUE_READ } state;
	uint64_t number;	/* integers and capability sets */
	struct model_text bytes;	/* strings and paths; bytes NULL: there is none, as of pipes */
	enum model_cut cut;	/* END: more than the 4095 bytes that are read; or, of processes, of any length */
	bool has_mode;		/* FILE */
	uint32_t mode;
	/* Sockets, by part.  Ports in host order, addresses in network order. */
	bool known[MODEL_PARTS];
	unsigned parts[MODEL_PARTS];
	uint8_t source[16], destination[16];
};

struct model_relative {
	bool has_pid, has_namespace_pid, has_binary;
	uint32_t pid, namespace_pid;	/* namespace_pid 0: it has none in the namespace of the process */
	struct model_value binary;
};
struct model_namespace_fact { bool known; uint32_t inode; bool is_host; };
struct model_set_fact { bool known; uint64_t set; };
struct model_label { struct model_text key, value; };

struct model_process {
	struct model_relative self;
	struct model_relative ancestors[16];	/* the parent first */
	size_t ancestor_count;
	bool ancestors_complete;
	struct model_namespace_fact namespaces[MODEL_NAMESPACES], exec_namespaces[MODEL_NAMESPACES];
	struct model_set_fact sets[MODEL_CAPABILITY_SETS], exec_sets[MODEL_CAPABILITY_SETS];
	enum model_place { PLACE_UNKNOWN, PLACE_HOST, PLACE_POD } place;
	struct model_text pod_namespace;	/* bytes NULL: not known, as of the next two */
	struct model_text container_name, container_repo;
	bool has_labels;
	struct { struct model_label items[8]; size_t count; } labels;
};

struct model_event {
	enum model_hook_kind kind;
	const char *name, *subsystem;
	struct { uint32_t index; int type; struct model_value value; } arguments[16];
	size_t argument_count;
	struct model_value data[8];	/* by position in the policy */
	int data_types[8];
	size_t data_count;
	struct model_value returned;
	int return_type;
	struct model_process process;
};

#endif
