/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kernel_image.h - files that have the kernel's DWARF: vmlinux, and those of modules (.ko, .ko.debug), and where they were loaded.
 *
 * Of the running kernel they are looked for by build id (/sys/kernel/notes, /sys/module/NAME/notes) and at the usual places, and only taken when their
 * build id is that of what runs.
 */
#ifndef SYMBOLIZE_KERNEL_IMAGE_H
#define SYMBOLIZE_KERNEL_IMAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "compiler/base/buffer.h"
#include "symbolize/module.h"

/* False when there is none, or it cannot be read. */
bool kernel_build_id(struct build_id *ret);
bool kernel_module_build_id(const char *name, struct build_id *ret);
/* The build id in notes as ELF has them; of this machine's byte order. */
bool build_id_of_notes(const void *notes, size_t size, struct build_id *ret);

/* The running kernel's. NULL: not found; *about then has where it was looked for. */
struct binary *kernel_image_find(const struct debug_search *search, const struct build_id *id, struct buffer *about);
struct binary *kernel_module_find(const struct debug_search *search, const char *name, struct buffer *about);

/* Address that the file gives a symbol; of relocatable files with that of its section. */
bool kernel_image_symbol(struct binary *binary, const char *name, uint64_t *ret);

#endif
