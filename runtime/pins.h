/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pins.h - what tetra keeps under one folder of bpffs, and who may touch it.
 *
 *   ROOT/maps/NAME              the maps of abi.h
 *   ROOT/programs/NAME          programs that serve many hooks
 *   ROOT/links/hook-ID-KIND-KEY one attached hook; KEY as in link.h, encoded
 *   ROOT/links/NAME             the links that keep the process table
 *
 * The names are the only record of what is attached.  Folders are 0700; a root that others can write, or that lies in a
 * folder that they can write (unless it is sticky), is refused.  One writer at a time holds the root's lock; readers take none.
 */
#ifndef RUNTIME_PINS_H
#define RUNTIME_PINS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "compiler/base/arena.h"

#define PINS_ROOT_DEFAULT "/sys/fs/bpf/tetra"

enum pin_folder { PIN_MAPS, PIN_PROGRAMS, PIN_LINKS, PIN_FOLDER_COUNT };

struct pins {
	char root[256];
	int lock;		/* of the writer, or -1 */
};

/* What a function that failed has to say, for the verb to print. */
struct failure {
	char text[1024];
};
/* Writes the text and returns `error`. */
int fail(struct failure *failure, int error, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Checks the root.  -ENOENT (without a text) when nothing is there.  `root` NULL: the default. */
int pins_open(struct pins *pins, const char *root, struct failure *failure);

/* For writers: makes the folders (and mounts bpffs where the default root needs it), takes the lock. */
int pins_open_to_write(struct pins *pins, const char *root, struct failure *failure);

/* As above, but makes nothing: -ENOENT when nothing is there. */
int pins_open_to_delete(struct pins *pins, const char *root, struct failure *failure);
void pins_close(struct pins *pins);

/*
 * Of readers of events.  A descriptor of the folder of maps, to keep while reading, or a negative errno; it holds the lock of those
 * that begin to read until pins_unlock_readers().  Each reader of a slot has a lock on the byte of its number, which ends with
 * its process, whatever becomes of that.
 */
int pins_lock_readers(const struct pins *pins, struct failure *failure);
void pins_unlock_readers(int folder);
int pins_lock_reader(int folder, unsigned slot);
int pins_unlock_reader(int folder, unsigned slot);
bool pins_reader_is_alive(int folder, unsigned slot);

/* Whether the folder of that descriptor is still there. */
bool pins_folder_is_there(int folder);

/* Descriptor of a pinned object or a negative errno. */
int pins_get(const struct pins *pins, enum pin_folder folder, const char *name);
int pins_put(const struct pins *pins, enum pin_folder folder, const char *name, int fd);
int pins_remove(const struct pins *pins, enum pin_folder folder, const char *name);

/* Names in a folder, sorted; lives in the arena. */
int pins_names(const struct pins *pins, enum pin_folder folder, struct arena *arena, const char *const **ret,
	       size_t *count);

/* Removes the folders and the root, when they are empty. */
int pins_remove_folders(const struct pins *pins);

/*
 * File names of hooks.  Dots, which bpffs keeps for itself, slashes and all else that is not a letter, a
 * digit or '_' become %XX.  Reading back gives -EINVAL for any other file name.
 */
struct pin_hook {
	uint32_t id;
	const char *kind;	/* letters, digits and '_' */
	const char *key;
};
const char *pin_hook_name(struct arena *arena, const struct pin_hook *hook);
int pin_hook_read(struct arena *arena, const char *name, struct pin_hook *ret);

#endif
