// SPDX-License-Identifier: Apache-2.0
/* programs.c - opens the built-in objects, sets their knobs, loads one program of each; see programs.h. */
#include "runtime/programs.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include "bpf-templates/kprobe.skel.h"
#include "bpf-templates/lsm.skel.h"
#include "bpf-templates/processes.skel.h"
#include "bpf-templates/raw_tracepoint.skel.h"
#include "bpf-templates/tracepoint.skel.h"
#include "bpf-templates/trampoline.skel.h"
#include "bpf-templates/uprobe.skel.h"
#include "bpf-templates/uprobe_override.skel.h"
#include "bpf-templates/uprobe_set.skel.h"
#include "bpf-templates/uprobe_touch.skel.h"
#include "runtime/area.h"
#include "runtime/knobs.h"
#include "runtime/links.h"
#include "runtime/processors.h"
#include "runtime/typed_paths.h"

struct template {
	const void *(*bytes)(size_t *size);
	const char *entry, *returned;		/* programs of its two sides */
	const char *without_result;		/* for targets that return nothing, if that is another one */
	const char *of_program;			/* of hooks about a program that is executed, if that is another one */
	enum bpf_attach_type attach;		/* 0: as the object says */
	bool overrides;				/* ABI_KNOB_OVERRIDES */
};

/* How each way to attach gets its program. */
static const struct template templates[ATTACH_COUNT] = {
	[ATTACH_KPROBE_MULTI] = { kprobe_bpf__elf_bytes, "kprobe_entry", "kprobe_return", .attach = BPF_TRACE_KPROBE_MULTI },
	[ATTACH_KPROBE] = { kprobe_bpf__elf_bytes, "kprobe_entry", "kprobe_return" },
	[ATTACH_TRAMPOLINE] = { trampoline_bpf__elf_bytes, "trampoline_entry", "trampoline_return" },
	[ATTACH_FMOD_RET] = { trampoline_bpf__elf_bytes, "trampoline_modify" },
	[ATTACH_FMOD_RET_SYSCALL] = { trampoline_bpf__elf_bytes, "trampoline_modify" },
	[ATTACH_OVERRIDE] = { kprobe_bpf__elf_bytes, "kprobe_entry", .overrides = true },
	[ATTACH_KPROBE_HELD] = { kprobe_bpf__elf_bytes, "kprobe_entry", "kprobe_return" },
	[ATTACH_TRACEPOINT] = { tracepoint_bpf__elf_bytes, "tracepoint" },
	[ATTACH_TRACEPOINT_HELD] = { tracepoint_bpf__elf_bytes, "tracepoint" },
	[ATTACH_RAW_TRACEPOINT] = { raw_tracepoint_bpf__elf_bytes, "raw_tracepoint" },
	[ATTACH_FENTRY] = { trampoline_bpf__elf_bytes, "trampoline_entry", "trampoline_return" },
	[ATTACH_UPROBE_MULTI] = { uprobe_bpf__elf_bytes, "uprobe_entry", "uprobe_return", .attach = LINK_UPROBE_MULTI },
	[ATTACH_UPROBE] = { uprobe_bpf__elf_bytes, "uprobe_entry", "uprobe_return" },
	[ATTACH_UPROBE_HELD] = { uprobe_bpf__elf_bytes, "uprobe_entry", "uprobe_return" },
	[ATTACH_UPROBE_OVERRIDE_MULTI] = { uprobe_override_bpf__elf_bytes, "uprobe_override", NULL, .attach = LINK_UPROBE_MULTI },
	[ATTACH_UPROBE_OVERRIDE] = { uprobe_override_bpf__elf_bytes, "uprobe_override" },
	[ATTACH_UPROBE_TOUCH_MULTI] = { uprobe_touch_bpf__elf_bytes, "uprobe_touch", .attach = LINK_UPROBE_MULTI },
	[ATTACH_UPROBE_TOUCH] = { uprobe_touch_bpf__elf_bytes, "uprobe_touch" },
	[ATTACH_USDT_MULTI] = { uprobe_bpf__elf_bytes, "uprobe_entry", NULL, .attach = LINK_UPROBE_MULTI },
	[ATTACH_USDT] = { uprobe_bpf__elf_bytes, "uprobe_entry" },
	[ATTACH_USDT_HELD] = { uprobe_bpf__elf_bytes, "uprobe_entry" },
	[ATTACH_USDT_SET_MULTI] = { uprobe_set_bpf__elf_bytes, "uprobe_entry", NULL, .attach = LINK_UPROBE_MULTI },
	[ATTACH_USDT_SET] = { uprobe_set_bpf__elf_bytes, "uprobe_entry" },
	[ATTACH_USDT_SET_HELD] = { uprobe_set_bpf__elf_bytes, "uprobe_entry" },
	[ATTACH_LSM] = { lsm_bpf__elf_bytes, "lsm_hook", .without_result = "lsm_hook_without_result" },
	[ATTACH_LSM_DIGEST] = { lsm_bpf__elf_bytes, "lsm_hook", .without_result = "lsm_hook_without_result" },
	[ATTACH_LSM_MEASURED] = { lsm_bpf__elf_bytes, "lsm_hook", .without_result = "lsm_hook_without_result" },
	[ATTACH_LSM_ASK] = { lsm_bpf__elf_bytes, "lsm_ask" },
	[ATTACH_LSM_FILE_HASH] = { lsm_bpf__elf_bytes, "lsm_file_hash", .of_program = "lsm_file_hash_of_program" },
	[ATTACH_LSM_INODE_HASH] = { lsm_bpf__elf_bytes, "lsm_inode_hash", .of_program = "lsm_inode_hash_of_program" },
	[ATTACH_LSM_FUNCTION] = { lsm_bpf__elf_bytes, "lsm_hook" },
};

/* ---- What libbpf says ---- */

static struct {
	char text[65536];
	size_t length;
} said;

static int hear(enum libbpf_print_level level, const char *format, va_list arguments)
{
	size_t room = sizeof(said.text) - said.length;
	int length;

	if (level == LIBBPF_DEBUG)
		return 0;
	if (room < sizeof(said.text) / 4) {	/* the end matters: keep the newer half */
		memmove(said.text, said.text + sizeof(said.text) / 2, said.length - sizeof(said.text) / 2);
		said.length -= sizeof(said.text) / 2;
		room = sizeof(said.text) - said.length;
	}
	length = vsnprintf(said.text + said.length, room, format, arguments);
	if (length > 0)
		said.length += (size_t)length < room ? (size_t)length : room - 1;
	return 0;
}

void programs_listen(void)
{
	libbpf_set_print(hear);
}

/* The verifier's reason: the last line before its statistics; else the first thing that libbpf said. */
static void last_words(char *ret, size_t size)
{
	char *end, *line;

	said.text[said.length] = 0;
	end = strstr(said.text, "\nprocessed ");
	if (end) {
		*end = 0;
		line = strrchr(said.text, '\n');
		line = line ? line + 1 : said.text;
		snprintf(ret, size, "%.*s", (int)size - 1, line);
		return;
	}
	line = said.text;
	if (!strncmp(line, "libbpf: ", 8))
		line += 8;
	snprintf(ret, size, "%.*s", (int)strcspn(line, "\n"), line);
}

static int refused(struct failure *failure, int error, const char *what, const char *name)
{
	char words[400];

	last_words(words, sizeof(words));
	return fail(failure, error, "%s '%s': %s%s%s%s", what, name, strerror(-error), *words ? " (" : "", words,
		*words ? ")" : "");
}

/* ---- Objects ---- */

/*
 * Types that the kernel itself lacks (struct load_info, of one without modules) libbpf looks for in modules, which takes CAP_SYS_ADMIN, and
 * fails without it.  Told where the kernel's types are, it does not.
 */
static const char *types_of_kernel_only(void)
{
	uint32_t id;

	return bpf_btf_get_next_id(0, &id) && errno == EPERM ? "/sys/kernel/btf/vmlinux" : NULL;
}

static struct bpf_object *open_object(const void *(*bytes)(size_t *size))
{
	LIBBPF_OPTS(bpf_object_open_opts, options, .object_name = "tetra", .btf_custom_path = types_of_kernel_only());
	size_t size;
	const void *start = bytes(&size);
	struct bpf_object *object;
	int error;

	said.length = 0;
	object = bpf_object__open_mem(start, size, &options);
	error = object ? processors_size_maps(object) : 0;
	if (!error)
		return object;
	bpf_object__close(object);
	errno = -error;
	return NULL;
}

static int share_map(struct bpf_object *object, const struct pins *pins, const char *name)
{
	bool is_area = !strcmp(name, ABI_MAP_AREA);
	struct bpf_map *map = bpf_object__find_map_by_name(object, is_area ? ".bss" : name);
	int fd, error;

	if (!map)
		return 0;
	fd = pins_get(pins, PIN_MAPS, name);
	if (fd < 0)
		return fd;
	error = bpf_map__reuse_fd(map, fd);
	close(fd);
	return error;
}

static int share_maps(struct bpf_object *object, const struct pins *pins)
{
	int error = 0;

	for (size_t i = 0; plan_maps[i] && !error; i++)
		error = share_map(object, pins, plan_maps[i]);
	return error;
}

/* Leaves only one program to be loaded; NULL when there is none of that name. */
static struct bpf_program *select_program(struct bpf_object *object, const char *name)
{
	struct bpf_program *program, *found = NULL;

	bpf_object__for_each_program(program, object) {
		bool wanted = !strcmp(bpf_program__name(program), name);

		bpf_program__set_autoload(program, wanted);
		if (wanted)
			found = program;
	}
	return found;
}

/* Loads the object, keeps a descriptor of its one program, closes the rest. */
static int take_program(struct bpf_object *object, const struct bpf_program *program, const char *name,
			struct failure *failure)
{
	int error = bpf_object__load(object), fd;

	if (error)
		return refused(failure, error, "the kernel refuses the program for", name);
	fd = dup(bpf_program__fd(program));
	return fd < 0 ? fail(failure, -errno, "cannot keep a program: %s", strerror(errno)) : fd;
}

static bool needs_target(enum attach_kind kind)
{
	return kind == ATTACH_TRAMPOLINE || kind == ATTACH_FENTRY || kind == ATTACH_FMOD_RET ||
	       kind == ATTACH_FMOD_RET_SYSCALL || kind == ATTACH_LSM_FUNCTION || attach_rows[kind].hook == HOOK_LSM;
}

/* Ids of the kfuncs that keep a program from being preempted, or zeros: the kernel has none, or does not let programs like ours use them. */
static struct preemption {
	bool is_known;
	uint32_t off, on;
} preemption;

static void find_preemption(void)
{
	struct btf *types = preemption.is_known ? NULL : btf__load_vmlinux_btf();
	int off = types ? btf__find_by_name_kind(types, "bpf_preempt_disable", BTF_KIND_FUNC) : -1;
	int on = types ? btf__find_by_name_kind(types, "bpf_preempt_enable", BTF_KIND_FUNC) : -1;

	if (off > 0 && on > 0) {
		preemption.off = (uint32_t)off;
		preemption.on = (uint32_t)on;
	}
	preemption.is_known = true;
	btf__free(types);
}

/* The kernel keeps programs at kprobes and tracepoints from it by itself. */
static bool may_be_preempted(enum attach_kind kind)
{
	return needs_target(kind) || kind == ATTACH_RAW_TRACEPOINT;
}

/* Name of the hook that a program is attached to, where that is not the function. */
static const char *target_name(const struct plan_step *step)
{
	return step->target + (step->attach == ATTACH_LSM_FUNCTION ? strlen("security_") : 0);
}

/* ABI_KNOB_FILE */
static uint32_t typed_file(const struct bpf_program *program, const struct plan_step *step)
{
	const enum bpf_prog_type type = bpf_program__type(program);
	char function[256];

	if (!needs_target(step->attach) || step->returns || !step->argument_count)
		return 0;
	snprintf(function, sizeof(function), "%s%s", type == BPF_PROG_TYPE_LSM ? "bpf_lsm_" : "", target_name(step));
	return typed_paths_try(type, bpf_program__expected_attach_type(program), function);
}

static int prepare_program(struct bpf_object *object, struct bpf_program *program, const struct plan_step *step,
			   const struct pins *pins)
{
	const struct preemption calls = may_be_preempted(step->attach) ? preemption : (struct preemption){ 0 };
	const struct template *template = &templates[step->attach];
	const uint32_t hook = attach_rows[step->attach].serves == SERVES_ONE ? step->id : ABI_HOOK_FROM_COOKIE;
	const struct knobs knobs = {
		.hook = hook, .return_hook = hook, .argument_count = step->argument_count, .overrides = template->overrides,
		.preempt_off = calls.off, .preempt_on = calls.on, .file = typed_file(program, step),
	};
	int error = share_maps(object, pins);

	if (!error)
		error = knobs_set(object, &knobs);
	if (!error && template->attach)
		error = bpf_program__set_expected_attach_type(program, template->attach);
	if (!error && needs_target(step->attach))
		error = bpf_program__set_attach_target(program, 0, target_name(step));
	return error;
}

static const char *program_name(const struct template *template, const struct plan_step *step)
{
	if (template->of_program && !strncmp(step->target, "bprm_", strlen("bprm_")))
		return template->of_program;
	if (template->without_result && step->returns_nothing)
		return template->without_result;
	return step->returns ? template->returned : template->entry;
}

static int load_once(const struct pins *pins, const struct plan_step *step, struct failure *failure)
{
	const struct template *template = &templates[step->attach];
	struct bpf_object *object = open_object(template->bytes);
	struct bpf_program *program;
	int result;

	if (!object)
		return refused(failure, -errno, "cannot open the program for", step->name);
	program = select_program(object, program_name(template, step));
	result = program ? prepare_program(object, program, step, pins) : -ENOENT;
	result = result ? refused(failure, result, "cannot prepare the program for", step->name)
			: take_program(object, program, step->name, failure);
	bpf_object__close(object);
	return result;
}

/*
 * Kernels from 6.10 to 6.14 have the calls, but refuse them around functions that are verified on their own, as ours are.  What
 * may be preempted on those is in docs/enforcement.md.
 */
int programs_load(const struct pins *pins, const struct plan_step *step, struct failure *failure)
{
	struct preemption calls;
	int program;

	if (may_be_preempted(step->attach))
		find_preemption();
	program = load_once(pins, step, failure);
	if (program >= 0 || !preemption.off || !may_be_preempted(step->attach))
		return program;
	calls = preemption;
	preemption = (struct preemption){ .is_known = true };
	program = load_once(pins, step, failure);
	if (program < 0)	/* then it is not because of them */
		preemption = calls;
	return program;
}

int programs_get_process(struct bpf_object **programs, const struct pins *pins, const char *name, const char **tracepoint,
			 struct failure *failure)
{
	struct bpf_object *object = *programs ? *programs : open_object(processes_bpf__elf_bytes);
	int error = object ? 0 : -errno;

	if (!*programs) {
		error = error ? error : share_maps(object, pins);
		error = error ? error : bpf_object__load(object);
	}
	if (error) {
		bpf_object__close(object);
		return refused(failure, error, "cannot load the program for", name);
	}
	*programs = object;
	*tracepoint = !strcmp(name, "process_fork") ? "sched_process_fork" :
		      !strcmp(name, "process_exec") ? "sched_process_exec" : "sched_process_exit";
	return bpf_program__fd(bpf_object__find_program_by_name(object, name));
}

void programs_close(struct bpf_object *programs)
{
	bpf_object__close(programs);
}

/* ---- Maps ---- */

static int make_map(const struct pins *pins, const struct bpf_map *map, const char *name)
{
	LIBBPF_OPTS(bpf_map_create_opts, options, .map_flags = bpf_map__map_flags(map));
	int fd = bpf_map_create(bpf_map__type(map), name, bpf_map__key_size(map), bpf_map__value_size(map),
			bpf_map__max_entries(map), &options), error;

	if (fd < 0)
		return fd;
	error = pins_put(pins, PIN_MAPS, name, fd);
	close(fd);
	return error;
}

int programs_make_map(const struct pins *pins, const char *name, struct failure *failure)
{
	struct bpf_object *object;
	struct bpf_map *map;
	int result;

	said.length = 0;
	if (!strcmp(name, ABI_MAP_AREA)) {
		result = area_create(pins);
		if (result < 0)
			return refused(failure, result, "cannot make map", name);
		close(result);
		return 0;
	}
	object = open_object(processes_bpf__elf_bytes);
	map = object ? bpf_object__find_map_by_name(object, name) : NULL;
	result = map ? make_map(pins, map, name) : -ENOENT;
	bpf_object__close(object);
	return result ? refused(failure, result, "cannot make map", name) : 0;
}

/* Elements of hash maps, which are made at once, have a head, and as many buckets as there are. */
static uint64_t map_bytes(const struct bpf_map *map, uint32_t processors)
{
	enum { ELEMENT_HEAD = 48, BUCKET = 16 };
	const uint64_t value = (bpf_map__value_size(map) + 7) / 8 * 8, key = (bpf_map__key_size(map) + 7) / 8 * 8;
	const uint64_t entries = bpf_map__max_entries(map);

	switch (bpf_map__type(map)) {
	case BPF_MAP_TYPE_RINGBUF:
		return entries;
	case BPF_MAP_TYPE_ARRAY:
		return value * (strcmp(bpf_map__name(map), ABI_MAP_COUNTERS) ? 1 : processors);
	case BPF_MAP_TYPE_HASH:
		if (bpf_map__map_flags(map) & BPF_F_NO_PREALLOC)
			return entries * BUCKET;
		/* fall through */
	default:
		return (entries + processors) * (ELEMENT_HEAD + key + value) + entries * BUCKET;
	}
}

uint64_t programs_map_bytes(const char *name, uint32_t processors)
{
	struct bpf_object *object;
	const struct bpf_map *map;
	uint64_t bytes;

	if (!strcmp(name, ABI_MAP_AREA))
		return ABI_AREA_SIZE;
	object = open_object(processes_bpf__elf_bytes);
	map = object ? bpf_object__find_map_by_name(object, name) : NULL;
	bytes = map ? map_bytes(map, processors) : 0;
	bpf_object__close(object);
	return bytes;
}

/* Whether a pinned map (if there) has the sizes that the programs were built with. */
static int map_agrees(const struct pins *pins, const struct bpf_map *map, const char *name)
{
	struct bpf_map_info info = { 0 };
	uint32_t length = sizeof(info);
	int fd = pins_get(pins, PIN_MAPS, name), error;

	if (fd < 0)
		return fd == -ENOENT ? 1 : fd;
	error = bpf_obj_get_info_by_fd(fd, &info, &length);
	close(fd);
	if (error)
		return error;
	return info.type == bpf_map__type(map) && info.key_size == bpf_map__key_size(map) &&
	       info.value_size == bpf_map__value_size(map) && info.max_entries == bpf_map__max_entries(map);
}

int programs_check_maps(const struct pins *pins, struct failure *failure)
{
	struct bpf_object *object = open_object(processes_bpf__elf_bytes);
	int agrees = 1;

	for (size_t i = 0; object && plan_maps[i] && agrees > 0; i++) {
		struct bpf_map *map = strcmp(plan_maps[i], ABI_MAP_AREA) ?
			bpf_object__find_map_by_name(object, plan_maps[i]) : NULL;

		if (map)
			agrees = map_agrees(pins, map, plan_maps[i]);
	}
	if (!object)
		agrees = -errno;
	bpf_object__close(object);
	if (agrees < 0)
		return fail(failure, agrees, "cannot look at the maps below '%s': %s", pins->root, strerror(-agrees));
	return agrees ? 0 : fail(failure, -EPROTO, "the maps below '%s' were made by another version of tetra; "
		"remove them first: tetra delete --all", pins->root);
}
