/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* abi_records.h - what the BPF programs leave in their maps for each other and for tetra: the other half of abi.h, which includes it. */
#ifndef BPF_TEMPLATES_ABI_RECORDS_H
#define BPF_TEMPLATES_ABI_RECORDS_H

#include "bpf-templates/abi.h"

/* ---- Events, as they come out of the ring buffer ---- */

enum abi_event_kind {
	ABI_EVENT_HOOK = 1,	/* struct abi_event */
	ABI_EVENT_RETURN = 2,	/* struct abi_event, entry_time names the entry it belongs to; with action NOPOST: nothing is to be
				   reported of the call, neither its entry */
	ABI_EVENT_EXEC = 3,	/* struct abi_process_event */
	ABI_EVENT_EXIT = 4,	/* struct abi_process_event */
	ABI_EVENT_CHUNK = 5,	/* struct abi_chunk: more bytes of a value of an event that comes later */
};

enum abi_slot_state {
	ABI_SLOT_UNREAD = 0,
	ABI_SLOT_READ = 1,
	ABI_SLOT_FAULT = 2,	/* memory could not be read */
	ABI_SLOT_CUT = 3,	/* read, but longer than what was kept (strings: at the end; paths: at the front) */
	ABI_SLOT_NO_SPACE = 4,	/* the event's data area was full */
};

struct abi_event_slot {
	__u64 value;		/* integers, sign- or zero-extended; see enum abi_load for the others */
	__u32 offset;		/* of the bytes, from the start of the event */
	__u16 length;
	__u8 state;		/* enum abi_slot_state */
	__u8 extra;		/* address family; of bytes ABI_EXTRA_CHUNKS: chunks go on where they end */
};
#define ABI_EXTRA_CHUNKS	0x80u	/* no address family */

enum abi_outcome {
	ABI_OUTCOME_NONE = 0,		/* no enforcement was asked for */
	ABI_OUTCOME_ENFORCED = 1,
	ABI_OUTCOME_MONITORED = 2,	/* policy in monitor mode: not done */
	ABI_OUTCOME_FAILED = 3,		/* asked for, and the kernel refused */
	ABI_OUTCOME_COUNT = 4,
};

struct abi_event {
	__u32 size;		/* of the whole record */
	__u8 kind;		/* enum abi_event_kind */
	__u8 action;		/* enum abi_action_op of the last action */
	__u8 outcome;		/* enum abi_outcome */
	__u8 slot_count;
	__u64 time;		/* CLOCK_BOOTTIME, ns */
	__u64 generation;	/* of the image that decided */
	__u32 hook;		/* hook id */
	__u32 policy;		/* index into POLICIES of that generation */
	__u16 selector;
	__u16 hook_index;
	__u32 report_slots;
	__u32 tgid, tid;
	__u64 process_start;	/* start_time of the process's entry; 0 when unknown */
	__u64 entry_time;	/* RETURN: time of the entry event.  HOOK with a return to come: its own time.  Else 0 */
	__u32 owner_tgid, owner_tid;	/* whose socket the event is about, as the policy tracks them (TrackSock); 0: not known */
	__u64 owner_start;	/* start_time of that process; 0 when unknown */
	__u16 failed_errno;	/* why the first action that failed did: an errno; 0: none failed */
	__u8 failed_action;	/* enum abi_action_op of it */
	__u8 reserved;
	__u32 chunks;		/* of its struct abi_chunk; 0: it has none */
	struct abi_event_slot slots[ABI_SLOTS_MAX];	/* the first slot_count are sent... */
	/* ... and then the bytes: data_offset(slot_count) = offsetof(slots) + slot_count * 16 */
};

/*
 * A value that is longer than what lies in the event (ABI_SLOT_MAX_DATA): the chunks of an event come before it, have its time, hook,
 * tid and number, and each of a slot goes on where the one before ended, the first where the bytes in the event end.  Where none goes on
 * although the value does, and no chunk says that it could not be read, the rest was lost: the ring buffer was full.
 *
 * The number is the piece of working memory << 16 | a count of its events with chunks, which is never 0.  Of one piece, records of two
 * events are never mixed.
 */
#define ABI_CHUNKS_BYTES	327360u	/* of one value in all, those in the event included: Tetragon's limit */
#define ABI_CHUNK_LARGE		32768u
#define ABI_CHUNK_SMALL		4096u	/* no page is smaller */
struct abi_chunk {
	__u32 size;		/* of the whole record */
	__u8 kind;		/* ABI_EVENT_CHUNK */
	__u8 slot;
	__u8 state;		/* enum abi_slot_state: READ; FAULT: what is at `offset` could not be read, and no more follows */
	__u8 reserved;
	__u64 time;
	__u32 hook, tid;
	__u32 chunks;
	__u32 offset;		/* in the value */
	__u32 length;
	__u32 reserved2;
	/* ... and then the bytes */
};

/* ---- Processes: pinned hash map, key = thread-group id ---- */

#define ABI_PROCESSES_MAX	8192u
#define ABI_PROCESS_PATH	512u
#define ABI_PROCESS_ARGUMENTS	512u
#define ABI_PROCESS_CWD		256u
#define ABI_PROCESS_TEXTS	(ABI_PROCESS_PATH + ABI_PROCESS_ARGUMENTS + ABI_PROCESS_CWD)
#define ABI_PROCESS_NEAR	256u	/* bytes of texts that the entry itself has room for; power of two */

#define ABI_PROCESS_EXECVE	1u
#define ABI_PROCESS_CLONE	2u
#define ABI_PROCESS_PROCFS	4u	/* was running before tetra; filled in from /proc */
#define ABI_PROCESS_PATH_CUT	8u
#define ABI_PROCESS_ARGUMENTS_CUT 16u
#define ABI_PROCESS_CWD_CUT	32u
#define ABI_PROCESS_CAPABILITIES	64u	/* capabilities[] are known */
#define ABI_PROCESS_LINEAGE_CUT	128u	/* there may be ancestors beyond those that are remembered */
#define ABI_PROCESS_NAMESPACE_LINEAGE_CUT	256u
#define ABI_PROCESS_FAR		512u	/* of entries: its texts are in the other map, all of them */

#define ABI_LINEAGE_MAX		32u	/* ancestors of a process that are remembered or looked for; power of two */
#define ABI_CAPABILITY_SETS	3u	/* words of CAPABILITY_SET in schema/kinds.def, in that order */

/* What events tell of a process, besides its texts. */
#define ABI_PROCESS_FACTS                                                                     \
	__u64 parent_start_time;                                                              \
	__u32 pid, parent_pid;                                                                \
	__u32 uid, auid;                                                                      \
	__u32 flags;		/* ABI_PROCESS_ */                                            \
	__u16 path_length, arguments_length, cwd_length, reserved;                            \
	__u32 reserved2;                                                                      \
	__u64 start_time	/* CLOCK_BOOTTIME ns of exec, or of the fork when there was none */

/* One that is told of.  Its texts follow one another: path, arguments (argv[1..], NUL-separated as in /proc/PID/cmdline), folder. */
struct abi_process {
	ABI_PROCESS_FACTS;
	char texts[ABI_PROCESS_TEXTS];
};

/*
 * An entry is copied whole at every fork, so what is long is elsewhere: texts that do not fit are all in a second pinned map with the
 * same key, and of the process that started then.  Whoever has seen that start_time before and after they were read has read them whole.
 */
struct abi_process_texts {
	__u64 start_time;
	char texts[ABI_PROCESS_TEXTS];
};

/*
 * Fork, exec and exit change an entry where it is, while others read it.  Its start_time is 0 before anything is changed and what it shall be
 * once all is, and no process has the one of another that had this entry: what is read between two looks at the same start_time, which
 * is not 0, is that process's, and whole.  What is copied, and not read word for word in this order, is whole when two copies, made one after the
 * other, are alike, start_time is not 0, and pid is the key (fork begins with a copy of the parent's entry).  All else is not known.
 */
struct abi_process_entry {
	ABI_PROCESS_FACTS;
	char texts[ABI_PROCESS_NEAR];	/* as those of struct abi_process */
	__u64 binary_checks[ABI_BINARY_TABLES_MAX];	/* by table: ABI_PROCESS_CHECK() of its rows */
	__u64 binary_rows[ABI_BINARY_TABLES_MAX];	/* rows of binary_tables that the path satisfies */
	/* What it had at exec, or at its fork when there was none, or when tetra came; later when a selector noted it. */
	__u64 capabilities[ABI_CAPABILITY_SETS];
	__u32 namespaces[ABI_NAMESPACES];	/* inode numbers; 0: not known, or there is no such namespace */
	/*
	 * Kin.  The parent is who forked it, also when it is gone and another process has adopted it; of processes that were there
	 * before tetra, whoever was the parent then.  A process that only executes something else keeps its ancestors.  Each
	 * counts with the binary that it ran when it forked.
	 *
	 * Process ids are inherited at the fork, so that ancestors that are gone still count.  So are the rows, which are of one
	 * generation: of another one they are found anew by a walk over the table of processes, and there an ancestor that is
	 * gone, or has executed something else since, leaves unknown what it and those beyond it would have answered.
	 */
	__u32 namespace_pid;		/* thread-group id as its own namespace numbers it; 0: not known */
	__u16 ancestor_count, namespace_ancestor_count;
	__u32 ancestors[ABI_LINEAGE_MAX];		/* process ids: see ABI_LINEAGE_AT() */
	__u32 namespace_ancestors[ABI_LINEAGE_MAX];	/* those in the same pid namespace, as it numbers them */
	__u32 parent_unknown, lineage_unknown;	/* bit per table: rows that are not set are not known */
	__u64 kin_checks[ABI_BINARY_TABLES_MAX];	/* by table: ABI_PROCESS_CHECK_KIN() of the two below and of the bits above */
	__u64 parent_rows[ABI_BINARY_TABLES_MAX];	/* rows that the parent's path satisfies */
	__u64 lineage_rows[ABI_BINARY_TABLES_MAX];	/* ... that of the parent or of an ancestor of it */
};

/*
 * Ancestors are remembered in the order in which they come, so that a child only adds its parent; of more than there is room for, the oldest
 * make room, and the count goes round above ABI_LINEAGE_MAX.  How many there are, where number n is (0: the parent), and the count with one more.
 */
#define ABI_LINEAGE_KEPT(count)		((count) < ABI_LINEAGE_MAX ? (count) : ABI_LINEAGE_MAX)
#define ABI_LINEAGE_AT(count, n)	(((count) - 1 - (n)) & (ABI_LINEAGE_MAX - 1))
#define ABI_LINEAGE_MORE(count)		((count) + 1 < 2 * ABI_LINEAGE_MAX ? (count) + 1 : ABI_LINEAGE_MAX)

/*
 * Rows are written while others read and write them, of this image and of the one before or after, and even when the process has
 * executed something else, or its entry is another's, by now.  So they go with a check that only those have that were found for this
 * process since its last exec, for this image, and are in one piece; whatever else is there is found anew.  Of `unknown`, bit 0
 * is the table's of parent_unknown, bit 1 that of lineage_unknown.
 */
#define ABI_PROCESS_KEY(generation, pid, start_time) \
	((((__u64)(generation) << 32 ^ (pid)) * 0x9e3779b97f4a7c15ULL) ^ (__u64)(start_time) * 0xc2b2ae3d27d4eb4fULL)
#define ABI_PROCESS_CHECK(key, rows)	((__u64)(key) ^ (__u64)(rows) * 0xff51afd7ed558ccdULL)
#define ABI_PROCESS_CHECK_KIN(key, parent_rows, lineage_rows, unknown) \
	(ABI_PROCESS_CHECK(key, parent_rows) ^ (__u64)(lineage_rows) * 0xc4ceb9fe1a85ec53ULL ^ \
	 (__u64)(unknown) * 0x9fb21c651e98df25ULL)

struct abi_process_event {
	__u32 size;
	__u8 kind;		/* ABI_EVENT_EXEC or _EXIT */
	__u8 reserved[3];
	__u64 time;
	__u32 exit_code;	/* EXIT: task->exit_code (status << 8 | signal) */
	__u32 tid;
	struct abi_process process;	/* as much of it is sent as its lengths say */
};
#define ABI_PROCESS_EVENT_HEAD	((__u32)(__builtin_offsetof(struct abi_process_event, process) + __builtin_offsetof(struct abi_process, texts)))

/* ---- Calls that have not returned yet: pinned hash map ---- */

#define ABI_CALLS_MAX	16384u
#define ABI_CALL_ACCEPTS_MAX 8u
#define ABI_CALL_ARGUMENTS 6u
struct abi_call_key { __u32 tid; __u32 hook; };	/* hook = id of the entry hook */
struct abi_call {
	__u64 generation, entry_time;
	__u32 count, reserved;
	__u32 accepts[ABI_CALL_ACCEPTS_MAX];	/* offsets of struct abi_accept in that generation */
	__u64 arguments[ABI_CALL_ARGUMENTS];	/* that the function was called with */
};

/* ---- Notifications of enforcers: pinned LRU hash map, key = thread id ---- */

#define ABI_NOTIFIED_MAX	8192u
#define ABI_NOTIFICATIONS_MAX	8u	/* policies that may have notified one thread */
struct abi_notification {
	__u32 policy;		/* id of the policy that notified, plus 1; 0: a free place */
	__u32 signal;		/* 0: none */
	__s32 error;		/* 0: the call is let through */
	__u32 reserved;
};
struct abi_notified {
	__u64 thread_start;	/* task->start_time */
	struct abi_notification items[ABI_NOTIFICATIONS_MAX];
};

/* ---- Owners of sockets: pinned LRU hash map ---- */

/*
 * Of more than this the oldest are forgotten.  An owner is of a policy, and of one socket: that of the address that has this file.  What was
 * tracked before it had one takes the first that it is seen with.
 */
#define ABI_SOCKS_MAX		32768u
struct abi_sock_key {
	__u64 sock;		/* address of the struct sock */
	__u32 policy;		/* id of the policy that tracks it */
	__u32 reserved;
};
struct abi_sock_owner {
	__u32 tgid, tid;
	__u64 process_start;	/* start_time of the process's entry; 0 when unknown */
	__u64 inode;		/* number of the socket's inode; 0: it had no file yet */
};

/* ---- Events that were posted with a rate limit: pinned LRU hash map; value = time of the last one, CLOCK_BOOTTIME, ns ---- */

#define ABI_RATES_MAX		8192u	/* of more than that the oldest are forgotten: their next events are posted */
#define ABI_RATE_ARGUMENTS	5u
#define ABI_RATE_BYTES		32u
struct abi_rate_key {
	__u64 generation;
	__u32 accept;		/* offset of its struct abi_accept */
	__u32 id;		/* of the thread or process; 0: of all */
	struct abi_rate_argument {
		__u64 value;
		__u32 length;
		__u32 state;	/* enum abi_slot_state */
		__u8 bytes[ABI_RATE_BYTES];	/* the first */
	} arguments[ABI_RATE_ARGUMENTS];	/* the first that are reported, in the order of slots */
};

/* ---- Digests that were asked for and not reported yet: pinned LRU hash map; see digests.bpf.h ---- */

#define ABI_DIGESTS_MAX		4096u
#define ABI_DIGEST_BYTES	64u	/* of the longest */
#define ABI_DIGEST_FILE_MAX	(256LL << 20)	/* bytes of a file that is read for it; larger ones have the digest that IMA has, if any */
enum abi_digest_state {
	ABI_DIGEST_ASKED = 0,	/* nobody has answered: the kernel has passed over the program that would have */
	ABI_DIGEST_KNOWN = 1,
	ABI_DIGEST_REFUSED = 2,	/* IMA has none, or could not read the file */
	ABI_DIGEST_LOST = 3,	/* of events alone: nobody asked, or it was forgotten since */
};
struct abi_digest_key { __u32 tid, hook; };
struct abi_digest {
	__u32 state;		/* enum abi_digest_state */
	__s32 result;		/* KNOWN: algorithm, as <linux/hash_info.h> numbers them; REFUSED: negative errno */
	__u8 bytes[ABI_DIGEST_BYTES];	/* KNOWN: as many as the algorithm has */
};
/* The value of a slot that is a digest: state << 32 | result. */
#define ABI_DIGEST_STATE(value)		((__u32)((value) >> 32))
#define ABI_DIGEST_RESULT(value)	((__s32)(value))

/*
 * ---- Counters: pinned, mmapable array, key = number of a CPU ----
 *
 * A value begins with struct abi_counter_row[ABI_HOOKS_MAX]; the programs' working memory follows.  What row n has of a hook and
 * what it has of a policy has nothing to do with each other: they lie so that few pages are touched where few are used.
 */

enum abi_error {
	ABI_ERROR_SCRATCH_BUSY = 0,	/* no scratch slot was free: the event was not decided */
	ABI_ERROR_UNREADABLE = 1,	/* an argument that a filter needed faulted */
	ABI_ERROR_CUT = 2,		/* ... was longer than what is read, and the answer depended on it */
	ABI_ERROR_NO_SPACE = 3,
	ABI_ERROR_PROCESS_UNKNOWN = 4,	/* matchBinaries on a process that is not in the table */
	ABI_ERROR_CALLS_FULL = 5,	/* the return of a call was not decided: more wanted to hear of it than there is room for, or policies were swapped meanwhile */
	ABI_ERROR_ACTION_FAILED = 6,
	ABI_ERROR_STEPS = 7,		/* the decision did not end; image_verify makes this impossible */
	ABI_ERROR_WORKLOAD_UNKNOWN = 8,	/* for some workloads only, and nobody knows whether the process is one */
	ABI_ERROR_COUNT = 9,
};
struct abi_counters {
	__u64 seen;		/* events that passed the hook's first test */
	__u64 matched, posted, lost;
	__u64 errors[ABI_ERROR_COUNT];
};
/* Why an action failed: errno, by its name.  What is none of these is OTHER. */
#define ABI_FAILURES(X) \
	X(EPERM, 1) X(EAGAIN, 11) X(EFAULT, 14) X(EBUSY, 16) X(EINVAL, 22) X(ENOSPC, 28) X(EOPNOTSUPP, 95)
enum abi_failure {
	ABI_FAILURE_OTHER = 0,
#define X(name, number) ABI_FAILURE_##name,
	ABI_FAILURES(X)
#undef X
	ABI_FAILURE_COUNT
};
struct abi_policy_counters {
	__u64 matched, posted, lost;	/* selectors that accepted; their events, those of returns too; events that did not fit */
	__u64 limited;			/* events that a rate limit held back */
	__u64 outcomes[ABI_OUTCOME_COUNT];	/* of accepts with an enforcement action; of NONE nothing is counted */
	__u64 failures[ABI_FAILURE_COUNT];	/* of accepts, and of returns of calls, with an action that failed: of the first that did */
};
struct abi_counter_row {
	struct abi_counters hook;		/* by hook id */
	struct abi_policy_counters policy;	/* by policy id */
};
_Static_assert(ABI_POLICIES_MAX == ABI_HOOKS_MAX, "a row has both");
_Static_assert(ABI_FAILURE_COUNT == 8, "enum abi_failure");

/*
 * ---- Readers of events: pinned, mmapable array with one value ----
 *
 * Each reader has a slot, and reads the ring buffer from a position of its own; the kernel's position follows the last of them:
 * see runtime/readers.h.  All zero is a table without readers, of a ring buffer that nobody has read from.
 */
#define ABI_READERS_MAX		32u
struct abi_reader_place {
	__u64 position;		/* in the ring buffer, of all bytes ever: what is before it was read */
	__u64 records;		/* how many records were before it */
};
struct abi_reader {
	__u64 token;		/* who has the slot, like nobody before; 0: free.  It has a lock, too, that ends with its process */
	__u64 turn;		/* places[turn % 2] holds; the other one is being written */
	struct abi_reader_place places[2];	/* also of the last who had the slot */
	__u64 reserved[2];
};
struct abi_readers {
	__u64 process_lost;	/* EXEC and EXIT events that did not fit into the ring buffer; the programs count them */
	__u64 tokens;		/* how many were given out */
	__u64 lost, lost_time;	/* of all events, those that did not fit when a reader last looked, and when: CLOCK_BOOTTIME, ns */
	__u64 wall_offset;	/* ns from CLOCK_BOOTTIME to the Unix epoch, so that all readers print the same times; 0: not known */
	__u64 reserved[3];
	struct abi_reader readers[ABI_READERS_MAX];
};

/*
 * ---- Workloads: for which scopes the processes of a cgroup count ----
 *
 * A scope is the number that ABI_OP_SCOPE has in the image of one generation.  The image is live only when the entries of its generation
 * are there.  A cgroup without an entry belongs where its nearest ancestors' entry says, if that one is INHERITED: the outermost such one
 * decides, so that nothing inside a container leaves it.  Else it is new, and nothing is known of it.
 */
#define ABI_SCOPES_MAX		256u	/* multiple of 64 */
#define ABI_SCOPE_CGROUPS_MAX	8192u	/* of all generations that are there */
#define ABI_SCOPE_LEVELS	32u	/* a container lies at most so deep in the tree of cgroups */
struct abi_scope_key {
	__u64 cgroup;		/* its id: the inode number of its folder */
	__u64 generation;
};
struct abi_scope_entry {
	__u64 flags;		/* ABI_SCOPE_ */
	__u64 holds[ABI_SCOPES_MAX / 64];
	__u64 unknown[ABI_SCOPES_MAX / 64];
};
#define ABI_SCOPE_INHERITED	1u	/* a container, or what its user calls one: for all cgroups below it too */

/* What is known of a container, for tetra only, by the id of its cgroup: a JSON object, then zeros. */
#define ABI_WORKLOADS_MAX	4096u
#define ABI_WORKLOAD_BYTES	8000u

/* Names of maps, also their file names under PINROOT/maps/ */
#define ABI_MAP_AREA		"image_area"
#define ABI_MAP_EVENTS		"events"
#define ABI_MAP_PROCESSES	"processes"
#define ABI_MAP_PROCESS_TEXTS	"process_texts"
#define ABI_MAP_CALLS		"calls"
#define ABI_MAP_RATES		"rates"
#define ABI_MAP_NOTIFIED	"notified"
#define ABI_MAP_SOCKS		"socks"
#define ABI_MAP_DIGESTS		"digests"
#define ABI_MAP_COUNTERS	"counters"
#define ABI_MAP_READERS		"readers"
#define ABI_MAP_SCOPES		"scopes"
#define ABI_MAP_WORKLOADS	"workloads"
#define ABI_EVENTS_SIZE		(4u << 20)

_Static_assert(sizeof(struct abi_event_slot) == 16, "abi_event_slot");
_Static_assert(__builtin_offsetof(struct abi_process, texts) == 48 && __builtin_offsetof(struct abi_process_entry, texts) == 48 &&
		       sizeof(struct abi_process_texts) == sizeof(struct abi_process) - 40 && sizeof(struct abi_process_entry) == 1280,
	       "abi_process");
_Static_assert(sizeof(struct abi_event) == 88 + 16 * ABI_SLOTS_MAX, "abi_event");
_Static_assert(sizeof(struct abi_chunk) == 40, "abi_chunk");
_Static_assert(sizeof(struct abi_sock_key) == 16 && sizeof(struct abi_sock_owner) == 24, "abi_sock_key, abi_sock_owner");
_Static_assert(sizeof(struct abi_digest) == 8 + ABI_DIGEST_BYTES, "abi_digest");
_Static_assert(sizeof(struct abi_rate_key) == 256, "abi_rate_key");
_Static_assert(sizeof(struct abi_scope_key) == 16 && sizeof(struct abi_scope_entry) == 8 + ABI_SCOPES_MAX / 4, "abi_scope_entry");
_Static_assert(sizeof(struct abi_reader) == 64 && sizeof(struct abi_readers) == 64 + 64 * ABI_READERS_MAX, "abi_readers");
_Static_assert(sizeof(struct abi_call) == 24 + 4 * ABI_CALL_ACCEPTS_MAX + 8 * ABI_CALL_ARGUMENTS, "abi_call");

#endif
