/* SPDX-License-Identifier: Apache-2.0 */
/*
 * schema.h - the tables of schema/ as enums and const rows.
 *
 * Everything that may be said in a policy, and everything that tetra says about one, is a row in
 * a .def file.  Consumers expand the columns they need; none keeps a list of its own.
 */
#ifndef SCHEMA_SCHEMA_H
#define SCHEMA_SCHEMA_H

#include <stddef.h>
#include <stdint.h>
#include <stdbool.h>

/* What is LATER is decoded, checked and compiled like the rest; only to apply it is refused: see diag_later(). */
enum support { SUPPORT_LATER, SUPPORT_NOW };

/* ---- Argument types: types.def ---- */

/* What operators see in a value of the type (the classes of the language reference). */
enum type_class {
	CLASS_NONE,		/* cannot be filtered */
	CLASS_SIGNED, CLASS_UNSIGNED,
	CLASS_STRING,		/* bytes: string and the like */
	CLASS_PATH,		/* bytes that are a path, with a file type beside it */
	CLASS_SOCKADDR,
	CLASS_SOCKET,
	CLASS_CAPABILITIES,
	CLASS_SOCKADDR_UN,
};
#define CLASS_BIT(name) (1u << CLASS_##name)

/* How the programs read a value; the numbers of enum abi_load, which compiler/policy asserts. */
enum load {
	LOAD_NONE = 0,
	LOAD_U8 = 1, LOAD_U16 = 2, LOAD_U32 = 3, LOAD_U64 = 4,
	LOAD_S8 = 5, LOAD_S16 = 6, LOAD_S32 = 7, LOAD_S64 = 8,
	LOAD_STRING = 9, LOAD_FILE = 10, LOAD_PATH = 11, LOAD_FILENAME = 12, LOAD_BINPRM = 13,
	LOAD_SOCKADDR = 14,
	LOAD_SOCK = 16, LOAD_SOCKET = 17, LOAD_SKB = 18, LOAD_SOCKADDR_UN = 19, LOAD_FD = 20, LOAD_DENTRY = 21,
	LOAD_DATA_LOC = 22, LOAD_NET_DEVICE = 23, LOAD_CHAR_BUF = 24, LOAD_CHAR_IOVEC = 25, LOAD_IOV_ITER = 26,
	LOAD_CONST_BUF = 27, LOAD_KIOCB = 28, LOAD_SYSCALL64 = 29, LOAD_BPF_ATTR = 30, LOAD_BPF_PROG = 31,
	LOAD_BPF_MAP = 32, LOAD_BPF_CMD = 33, LOAD_PERF_EVENT = 34, LOAD_USER_NAMESPACE = 35, LOAD_CAPABILITY = 36,
	LOAD_CAPABILITIES = 37, LOAD_CRED = 38, LOAD_LOAD_INFO = 39, LOAD_MODULE = 40, LOAD_AUTO = 41, LOAD_NOTHING = 42, LOAD_ENTRY = 43, LOAD_MOUNT = 44,
};

/* The numbers that values of a type may be written as: 32 or 64 bits, with or without a sign. */
enum operand { OPERAND_NONE, OPERAND_S32, OPERAND_U32, OPERAND_S64, OPERAND_U64 };

enum type_id {
#define TYPE(id, ...) TYPE_##id,
#define TYPE_ALIAS(name, id)
#include "schema/types.def"
#undef TYPE
#undef TYPE_ALIAS
	TYPE_COUNT
};
struct type_row {
	const char *name;
	int wire;		/* Tetragon's number; stored in objects and images */
	uint8_t load;		/* enum load */
	uint8_t operand;	/* enum operand */
	uint8_t bits;		/* integers: width as the kernel code means it; else 0 */
	enum type_class class;
	uint32_t hooks;		/* HOOK_BITs where it can be read and reported */
	const char *event;	/* key in the event JSON */
	enum support support;
	const char *about;
};
extern const struct type_row type_rows[TYPE_COUNT];

/* ---- Operators: operators.def ---- */

/* Grammar of an operator's values, given the class of the argument. */
enum value_kind { VALUES_NONE, VALUES_BY_CLASS, VALUES_RANGE, VALUES_SET, VALUES_ADDRESS, VALUES_PORT,
		  VALUES_PROTOCOL, VALUES_FAMILY, VALUES_STATE, VALUES_FILE_TYPE, VALUES_EXPRESSION };
#define NEGATES_NONE (-1)
enum operator_id {
#define OPERATOR(id, name, wire, negation, values, classes, filters, support, says, about) OPERATOR_##id,
#define OPERATOR_ALIAS(name, id)
#include "schema/operators.def"
#undef OPERATOR
#undef OPERATOR_ALIAS
	OPERATOR_COUNT
};
/* Filters in which an operator may stand. */
#define FILTER_ARGUMENTS	1u
#define FILTER_BINARIES		2u
#define FILTER_PIDS		4u
#define FILTER_NAMESPACES	8u
#define FILTER_CAPABILITIES	16u
struct operator_row {
	const char *name;
	int wire;
	int negates;		/* operator_id of which this is the negation; -1 for none */
	enum value_kind values;
	uint32_t classes;	/* CLASS_BITs on which it means something */
	uint32_t filters;	/* FILTER_ bits; 0: rules become it, nobody writes it */
	enum support support;
	const char *says;	/* explain: see operators.def */
	const char *about;
};
extern const struct operator_row operator_rows[OPERATOR_COUNT];

/* ---- Actions: actions.def ---- */
enum action_id {
#define ACTION(id, name, wire, event, enforces, hooks, support, says, about) ACTION_##id,
#include "schema/actions.def"
#undef ACTION
	ACTION_COUNT
};
struct action_row {
	const char *name;
	int wire;		/* enum abi_action_op */
	const char *event;	/* name in events: KPROBE_ACTION_... */
	bool enforces;
	uint32_t hooks;		/* HOOK_BITs where it has an effect */
	enum support support;
	const char *says, *about;
};
extern const struct action_row action_rows[ACTION_COUNT];

/* ---- Hook kinds: hooks.def ---- */
enum hook_kind {
#define HOOK(id, section, name, wire, event, support, says, about) HOOK_##id,
#include "schema/hooks.def"
#undef HOOK
	HOOK_COUNT
};
#define HOOK_BIT(name) (1u << HOOK_##name)
struct hook_row {
	const char *section;	/* key under spec */
	const char *name;	/* as people call it; also in pins: "kprobe" */
	int wire;
	const char *event;	/* event key: "process_kprobe" */
	enum support support;
	const char *says, *about;
};
extern const struct hook_row hook_rows[HOOK_COUNT];

/* ---- Limits: limits.def ---- */
enum limit {
#define LIMIT(id, value, about) LIMIT_##id = (value),
#include "schema/limits.def"
#undef LIMIT
};

/* ---- Options: options.def ---- */
enum spec_option_id {
#define OPTION(id, name, choices, standard, support, about) SPEC_OPTION_##id,
#include "schema/options.def"
#undef OPTION
	SPEC_OPTION_COUNT
};
#define SPEC_OPTION_NUMBER	"a number from 1"
struct spec_option_row {
	const char *name;
	const char *choices;	/* words parted by |, or SPEC_OPTION_NUMBER */
	const char *standard;	/* what applies when it is not given; NULL: nothing */
	enum support support;
	const char *about;
};
extern const struct spec_option_row spec_option_rows[SPEC_OPTION_COUNT];

/* ---- Kinds of document: documents.def ---- */
enum document_id {
#define DOCUMENT(id, kind, root, group, plural, scope, support, about) DOCUMENT_##id,
#include "schema/documents.def"
#undef DOCUMENT
	DOCUMENT_COUNT
};
struct document_row {
	const char *kind;
	int root;		/* enum field_group: its keys */
	const char *group;	/* apiVersion */
	const char *plural;	/* "tracingpolicies" */
	const char *scope;	/* "Cluster" or "Namespaced" */
	enum support support;
	const char *about;
};
extern const struct document_row document_rows[DOCUMENT_COUNT];

/* ---- Kinds of field values: kinds.def ---- */
enum kind_shape { SHAPE_SCALAR, SHAPE_LIST, SHAPE_OBJECT, SHAPE_OBJECT_LIST, SHAPE_OBJECT_MAP, SHAPE_TEXT_MAP,
		  SHAPE_LIST_MAP };
#define KIND_WORDS_TYPES	"<types>"
#define KIND_WORDS_ACTIONS	"<actions>"
#define KIND_WORDS_OPERATORS	"<operators>"
enum field_kind {
#define KIND(id, shape, json, minimum, maximum, words, filters, wants) KIND_##id,
#include "schema/kinds.def"
#undef KIND
	KIND_COUNT
};
struct kind_row {
	enum kind_shape shape;
	const char *json;	/* type of the scalar in JSON Schema; NULL: anything, or a mapping */
	int64_t minimum, maximum;
	const char *words;	/* parted by |, or a KIND_WORDS_ table; NULL: any */
	uint32_t filters;	/* FILTER_ bits of the operators that it may name */
	const char *wants;	/* "expected ..." */
};
extern const struct kind_row kind_rows[KIND_COUNT];

/* ---- Keys: fields.def ---- */
#define FIELD_OPTIONAL	0u
#define FIELD_REQUIRED	1u
#define FIELD_NUMBERS	2u	/* a text that may be written as a number */
#define FIELD_SEVERAL	8u	/* of what tests expect: it is about several events */
#define FIELD_NULLS	4u	/* null is as good as no key, and as an empty text inside */
enum field_group {
	GROUP_none,
#define GROUP(id, holder, path, about) GROUP_##id,
#define FIELD(...)
#include "schema/fields.def"
#undef GROUP
#undef FIELD
	GROUP_COUNT
};
struct field_row {
	const char *key;
	size_t key_length;
	enum field_group group, child;
	enum field_kind kind;
	unsigned flags;
	unsigned most;		/* largest number of entries; 0: any */
	const char *standard;	/* what applies when the key is absent, as JSON; NULL: nothing */
	enum support support;
	const char *about;
};
struct group_row {
	const char *name;
	const char *path;	/* "spec.*[].args[]"; * stands for the hook section */
	const char *about;
	size_t first;		/* its first row in field_rows; the others follow */
};
extern const struct field_row field_rows[];	/* by group; a row of GROUP_none ends them */
extern const struct group_row group_rows[GROUP_COUNT];

/* ---- Diagnostics: diagnostics.def ---- */
/*
 * A soft error says nothing against the policy by itself: it may be ignored and set like a warning.  Other errors
 * leave nothing that could be used.  OFF is no row's, but what a run may set.
 */
enum severity { SEVERITY_ERROR, SEVERITY_WARNING, SEVERITY_SOFT_ERROR, SEVERITY_OFF };
enum diagnostic_id {
#define DIAG(number, id, severity, title, why) DIAG_##id,
#include "schema/diagnostics.def"
#undef DIAG
	DIAG_COUNT
};
struct diagnostic_row {
	const char *code;	/* "TP101" */
	const char *name;	/* "UNKNOWN_KEY" */
	enum severity severity;
	const char *title;
	const char *why;
};
extern const struct diagnostic_row diagnostic_rows[DIAG_COUNT];

/* Look-ups by name; exact, aliases included.  -1 when there is none. */
int type_find(const char *name, size_t length);
int operator_find(const char *name, size_t length);
int action_find(const char *name, size_t length);
int spec_option_find(const char *name, size_t length);
int diagnostic_find(const char *code, size_t length);
int field_find(enum field_group group, const char *key, size_t length);	/* index into field_rows */

/* Words parted by |: the number of one, or -1; and word n, which has that many bytes, 0 past the end. */
int words_find(const char *words, const char *text, size_t length);
size_t words_at(const char *words, size_t n, const char **ret);

/*
 * Every spelling, aliases included, for suggestions and documentation: entry n of the table, or NULL past
 * the end; *id is the row that it names.
 */
const char *type_spelling(size_t n, int *id);
const char *operator_spelling(size_t n, int *id);

/* Whether the operator means something on arguments of the type; of CelExpr, which names its own, see expression.h. */
bool operator_compares(enum operator_id op, enum type_id type);

/* Look-ups by wire number, for readers of images.  -1 when there is none. */
int type_by_wire(int wire);
int operator_by_wire(int wire);
int action_by_wire(int wire);
int hook_by_wire(int wire);

#endif
