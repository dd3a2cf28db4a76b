// SPDX-License-Identifier: Apache-2.0
/* steps.c - what each kind of step does; see steps.h. */
#include "runtime/steps.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "runtime/attached.h"
#include "runtime/counters.h"
#include "runtime/links.h"
#include "runtime/processes.h"
#include "runtime/programs.h"

static int ensure_area(struct stepping *stepping, struct failure *failure)
{
	int error = stepping->area->bytes ? 0 : area_open(stepping->pins, stepping->area, failure);

	return error == -ENOENT ? fail(failure, error, "the image area is missing") : error;
}

/* ---- Maps and programs ---- */

static int make_map(struct stepping *stepping, const struct plan_step *step, struct failure *failure)
{
	return programs_make_map(stepping->pins, step->name, failure);
}

static void remove_map(struct stepping *stepping, const struct plan_step *step)
{
	if (!strcmp(step->name, ABI_MAP_AREA))
		area_close(stepping->area);
	pins_remove(stepping->pins, PIN_MAPS, step->name);
}

/* Takes over `fd`. */
static int pin(struct stepping *stepping, enum pin_folder folder, const char *name, int fd, struct failure *failure)
{
	int error = pins_put(stepping->pins, folder, name, fd);

	close(fd);
	return error ? fail(failure, error, "cannot pin '%s': %s", name, strerror(-error)) : 0;
}

static int load(struct stepping *stepping, const struct plan_step *step, struct failure *failure)
{
	int program = programs_load(stepping->pins, step, failure);

	return program < 0 ? program : pin(stepping, PIN_PROGRAMS, step->name, program, failure);
}

static void drop(struct stepping *stepping, const struct plan_step *step)
{
	pins_remove(stepping->pins, PIN_PROGRAMS, step->name);
}

static int drop_now(struct stepping *stepping, const struct plan_step *step,
		    struct failure *failure __attribute__((unused)))
{
	drop(stepping, step);
	return 0;
}

/* ---- Processes ---- */

static int attach_processes(struct stepping *stepping, const struct plan_step *step, struct failure *failure)
{
	const char *tracepoint;
	int program = programs_get_process(&stepping->processes, stepping->pins, step->name, &tracepoint, failure), link;

	if (program < 0)
		return program;
	link = link_trampoline(program);	/* the program knows which tracepoint is its own */
	if (link < 0)
		return fail(failure, link, "cannot follow processes at '%s': %s", tracepoint, strerror(-link));
	return pin(stepping, PIN_LINKS, step->pin, link, failure);
}

static int fill_processes(struct stepping *stepping, const struct plan_step *step __attribute__((unused)),
			  struct failure *failure)
{
	const struct process_maps maps = { pins_get(stepping->pins, PIN_MAPS, ABI_MAP_PROCESSES),
					   pins_get(stepping->pins, PIN_MAPS, ABI_MAP_PROCESS_TEXTS) };
	int error = maps.entries < 0 ? maps.entries : maps.texts < 0 ? maps.texts : processes_fill(maps);

	if (maps.entries >= 0)
		close(maps.entries);
	if (maps.texts >= 0)
		close(maps.texts);
	return error ? fail(failure, error, "cannot enter the running processes: %s", strerror(-error)) : 0;
}

/* ---- Hooks ---- */

static int make_link(const struct plan_step *step, int program)
{
	const struct link_place place = { step->file, step->offset, step->counter };
	enum link_side side = step->returns ? LINK_RETURN : LINK_ENTRY;

	switch (step->attach) {
	case ATTACH_KPROBE_MULTI:
		return link_kprobe_multi(program, step->target, side, step->id);
	case ATTACH_KPROBE:
	case ATTACH_OVERRIDE:
		return link_kprobe(program, step->target, side, LINK_COOKIE, step->id);
	case ATTACH_KPROBE_HELD:
		return link_kprobe(program, step->target, side, LINK_HELD, 0);
	case ATTACH_TRACEPOINT:
		return link_tracepoint(program, step->subsystem, step->target, LINK_COOKIE, step->id);
	case ATTACH_TRACEPOINT_HELD:
		return link_tracepoint(program, step->subsystem, step->target, LINK_HELD, 0);
	case ATTACH_UPROBE_MULTI:
	case ATTACH_UPROBE_OVERRIDE_MULTI:
	case ATTACH_USDT_MULTI:
	case ATTACH_USDT_SET_MULTI:
		return link_uprobe_multi(program, &place, side, step->id);
	case ATTACH_UPROBE:
	case ATTACH_UPROBE_OVERRIDE:
	case ATTACH_USDT:
	case ATTACH_USDT_SET:
		return link_uprobe(program, &place, side, LINK_COOKIE, step->id);
	case ATTACH_UPROBE_TOUCH_MULTI:
		return link_uprobe_multi(program, &place, side, step->texts);
	case ATTACH_UPROBE_TOUCH:
		return link_uprobe(program, &place, side, LINK_COOKIE, step->texts);
	case ATTACH_UPROBE_HELD:
	case ATTACH_USDT_HELD:
	case ATTACH_USDT_SET_HELD:
		return link_uprobe(program, &place, side, LINK_HELD, 0);
	case ATTACH_RAW_TRACEPOINT:
		return link_raw_tracepoint(program, step->target);
	default:
		return link_trampoline(program);
	}
}

static int get_program(struct stepping *stepping, const struct plan_step *step, struct failure *failure)
{
	int program;

	if (!step->program)
		return programs_load(stepping->pins, step, failure);
	program = pins_get(stepping->pins, PIN_PROGRAMS, step->program);
	return program < 0 ? fail(failure, program, "program '%s': %s", step->program, strerror(-program)) : program;
}

/* Puts the place in the policy before what went wrong. */
static int blame(const struct plan_step *step, int error, struct failure *failure)
{
	struct failure inner = *failure;

	return fail(failure, error, "%s%shook '%s': %.700s", step->place ? step->place : "", step->place ? ": " : "",
		step->name, inner.text);
}

static int attach(struct stepping *stepping, const struct plan_step *step, struct failure *failure)
{
	int program, link;

	counters_clear(stepping->pins, step->id);
	program = get_program(stepping, step, failure);
	if (program < 0)
		return blame(step, program, failure);
	link = make_link(step, program);
	close(program);
	if (link < 0) {
		fail(failure, link, step->attach == ATTACH_OVERRIDE && link == -EINVAL ?
			"the kernel does not let this function be overridden" :
			"cannot attach to '%s': %s", step->target, strerror(-link));
		return blame(step, link, failure);
	}
	if (step->pin)
		return pin(stepping, PIN_LINKS, step->pin, link, failure);
	stepping->held[step->id] = link;
	return 0;
}

static void detach(struct stepping *stepping, const struct plan_step *step)
{
	if (step->pin) {
		pins_remove(stepping->pins, PIN_LINKS, step->pin);
	} else if (stepping->held[step->id]) {
		close(stepping->held[step->id]);
		stepping->held[step->id] = 0;
	}
}

static int detach_now(struct stepping *stepping, const struct plan_step *step,
		      struct failure *failure __attribute__((unused)))
{
	detach(stepping, step);
	return 0;
}

/* ---- The image ---- */

static int wait_for_programs(struct stepping *stepping, const struct plan_step *step __attribute__((unused)),
			     struct failure *failure)
{
	int error = ensure_area(stepping, failure);

	if (!error && ABI_ACTIVE_GENERATION(area_active(stepping->area)))
		area_wait();
	return error;
}

static int write_image(struct stepping *stepping, const struct plan_step *step __attribute__((unused)),
		       struct failure *failure)
{
	int error = ensure_area(stepping, failure);

	if (error)
		return error;
	error = area_write(stepping->area, stepping->image, stepping->image_size);
	return error ? fail(failure, error, "cannot write the image: %s", strerror(-error)) : 0;
}

static void unwrite_image(struct stepping *stepping, const struct plan_step *step __attribute__((unused)))
{
	if (stepping->area->bytes)
		area_unwrite(stepping->area);
}

static uint64_t next_generation(const struct stepping *stepping)
{
	return ABI_ACTIVE_GENERATION(area_active(stepping->area)) + 1;
}

static int enter_scopes(struct stepping *stepping, const struct plan_step *step __attribute__((unused)), struct failure *failure)
{
	int error = ensure_area(stepping, failure);
	struct image_view image;
	char message[256];

	if (error)
		return error;
	if (image_verify(stepping->image, stepping->image_size, &image, message))
		return fail(failure, -EINVAL, "the image is damaged: %s", message);
	return apply_scopes(&stepping->scoping, &image, (struct scope_generations){ next_generation(stepping), next_generation(stepping) - 1 },
			    failure);
}

static void leave_scopes(struct stepping *stepping, const struct plan_step *step __attribute__((unused)))
{
	if (stepping->area->bytes)
		apply_scopes_drop(&stepping->scoping, next_generation(stepping));
}

static int switch_image(struct stepping *stepping, const struct plan_step *step __attribute__((unused)),
			struct failure *failure)
{
	int error = ensure_area(stepping, failure);

	if (!error)
		area_switch(stepping->area);
	return error;
}

/* ---- The table ---- */

static const struct step_code {
	int (*does)(struct stepping *stepping, const struct plan_step *step, struct failure *failure);
	void (*undoes)(struct stepping *stepping, const struct plan_step *step);	/* NULL: nothing to undo */
} codes[STEP_COUNT] = {
	[STEP_MAKE_MAP] = { make_map, remove_map },
	[STEP_ATTACH_PROCESSES] = { attach_processes, detach },
	[STEP_FILL_PROCESSES] = { fill_processes, NULL },
	[STEP_LOAD] = { load, drop },
	[STEP_ATTACH] = { attach, detach },
	[STEP_WAIT] = { wait_for_programs, NULL },
	[STEP_WRITE] = { write_image, unwrite_image },
	[STEP_SCOPES] = { enter_scopes, leave_scopes },
	[STEP_SWITCH] = { switch_image, NULL },
	[STEP_DETACH] = { detach_now, NULL },
	[STEP_DROP] = { drop_now, NULL },
};

int step_do(struct stepping *stepping, const struct plan_step *step, struct failure *failure)
{
	return codes[step->kind].does(stepping, step, failure);
}

void step_undo(struct stepping *stepping, const struct plan_step *step)
{
	if (codes[step->kind].undoes)
		codes[step->kind].undoes(stepping, step);
}
