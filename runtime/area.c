// SPDX-License-Identifier: Apache-2.0
/* area.c - mapping, reading and swapping the image area; see area.h. */
#include "runtime/area.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <linux/membarrier.h>

#include "compiler/image/first.h"
#include "compiler/image/image.h"
#include "runtime/processes.h"
#include "runtime/symbol.h"

#define COPY_TRIES 16
#define HOST_PROCESS 1	/* whose namespaces are the host's */

int area_create(const struct pins *pins)
{
	LIBBPF_OPTS(bpf_map_create_opts, options, .map_flags = BPF_F_MMAPABLE);
	int map = bpf_map_create(BPF_MAP_TYPE_ARRAY, ABI_MAP_AREA, sizeof(uint32_t), sizeof(struct abi_area), 1,
			&options);
	struct abi_control *control;
	int error;

	if (map < 0)
		return map;
	control = mmap(NULL, ABI_CONTROL_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, map, 0);
	if (control == MAP_FAILED) {
		error = -errno;
		close(map);
		return error;
	}
	*control = (struct abi_control){ .magic = ABI_AREA_MAGIC, .abi_version = ABI_VERSION,
					 .half_size = ABI_HALF_SIZE, .rename_lock = symbol_of_renames() };
	munmap(control, ABI_CONTROL_SIZE);
	error = pins_put(pins, PIN_MAPS, ABI_MAP_AREA, map);
	if (error)
		close(map);
	return error ? error : map;
}

static int refuse_version(const struct pins *pins, struct failure *failure)
{
	return fail(failure, -EPROTO, "what is pinned below '%s' was made by another version of tetra; "
		"remove it first: tetra delete --all%s%s", pins->root,
		strcmp(pins->root, PINS_ROOT_DEFAULT) ? " --root " : "",
		strcmp(pins->root, PINS_ROOT_DEFAULT) ? pins->root : "");
}

static int check_map(const struct pins *pins, int map, struct failure *failure)
{
	struct bpf_map_info info = { 0 };
	uint32_t length = sizeof(info);
	int error = bpf_obj_get_info_by_fd(map, &info, &length);

	if (error)
		return fail(failure, error, "cannot ask about the image area: %s", strerror(-error));
	return info.value_size == sizeof(struct abi_area) ? 0 : refuse_version(pins, failure);
}

static int check_control(const struct pins *pins, const struct abi_control *control, struct failure *failure)
{
	if (control->magic == ABI_AREA_MAGIC && control->abi_version == ABI_VERSION &&
	    control->half_size == ABI_HALF_SIZE)
		return 0;
	return refuse_version(pins, failure);
}

static int open_area(const struct pins *pins, int protection, struct area *ret, struct failure *failure)
{
	struct area area = { .map = pins_get(pins, PIN_MAPS, ABI_MAP_AREA), .pins = pins };
	int error;

	if (area.map < 0)
		return area.map == -ENOENT ? -ENOENT : fail(failure, area.map,
			"cannot open what is pinned below '%s': %s", pins->root, strerror(-area.map));
	error = check_map(pins, area.map, failure);
	if (!error) {
		area.bytes = mmap(NULL, sizeof(*area.bytes), protection, MAP_SHARED, area.map, 0);
		if (area.bytes == MAP_FAILED)
			error = fail(failure, -errno, "cannot map the image area: %s", strerror(errno));
		else
			error = check_control(pins, &area.bytes->control, failure);
	}
	if (error) {
		area_close(&area);
		return error;
	}
	*ret = area;
	return 0;
}

int area_open(const struct pins *pins, struct area *ret, struct failure *failure)
{
	return open_area(pins, PROT_READ | PROT_WRITE, ret, failure);
}

int area_open_to_read(const struct pins *pins, struct area *ret, struct failure *failure)
{
	return open_area(pins, PROT_READ, ret, failure);
}

void area_close(struct area *area)
{
	if (area->bytes && area->bytes != MAP_FAILED)
		munmap(area->bytes, sizeof(*area->bytes));
	if (area->map > 0)
		close(area->map);
	*area = (struct area){ 0 };
}

uint64_t area_active(const struct area *area)
{
	return __atomic_load_n(&area->bytes->control.active, __ATOMIC_ACQUIRE);
}

/* ---- What does not fit into a half ---- */

static const char *const rest_names[2] = { "image_rest_0", "image_rest_1" };

size_t area_rest_bytes(size_t size)
{
	return size <= ABI_HALF_SIZE ? 0 : (size - ABI_HALF_SIZE + ABI_REST_ELEMENT - 1) / ABI_REST_ELEMENT * ABI_REST_ELEMENT;
}

/* With the end of the image in it.  The descriptor or a negative errno. */
static int make_rest(const char *name, const uint8_t *rest, size_t size)
{
	LIBBPF_OPTS(bpf_map_create_opts, options, .map_flags = BPF_F_MMAPABLE);
	const int map = bpf_map_create(BPF_MAP_TYPE_ARRAY, name, sizeof(uint32_t), ABI_REST_ELEMENT,
				       (uint32_t)((size + ABI_REST_ELEMENT - 1) / ABI_REST_ELEMENT), &options);
	uint8_t *bytes;
	int error;

	if (map < 0)
		return map;
	bytes = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, map, 0);
	if (bytes == MAP_FAILED) {
		error = -errno;
		close(map);
		return error;
	}
	memcpy(bytes, rest, size);
	munmap(bytes, size);
	return map;
}

static int write_rest(const struct area *area, uint64_t half, const uint8_t *image, size_t size)
{
	const int removed = pins_remove(area->pins, PIN_MAPS, rest_names[half]);
	int map, error;

	if (removed && removed != -ENOENT)
		return removed;
	if (size <= ABI_HALF_SIZE)
		return 0;
	map = make_rest(rest_names[half], image + ABI_HALF_SIZE, size - ABI_HALF_SIZE);
	if (map < 0)
		return map;
	error = pins_put(area->pins, PIN_MAPS, rest_names[half], map);
	close(map);
	return error;
}

static int check_rest(int map, size_t size)
{
	struct bpf_map_info info = { 0 };
	uint32_t length = sizeof(info);

	if (bpf_obj_get_info_by_fd(map, &info, &length))
		return -errno;
	return info.value_size == ABI_REST_ELEMENT && (uint64_t)info.max_entries * ABI_REST_ELEMENT >= size ? 0 : -EILSEQ;
}

static int read_rest(const struct area *area, uint64_t half, uint8_t *ret, size_t size)
{
	const int map = pins_get(area->pins, PIN_MAPS, rest_names[half]);
	const uint8_t *bytes;
	int error = map < 0 ? map : check_rest(map, size);

	if (!error) {
		bytes = mmap(NULL, size, PROT_READ, MAP_SHARED, map, 0);
		error = bytes == MAP_FAILED ? -errno : 0;
	}
	if (!error) {
		memcpy(ret, bytes, size);
		munmap((void *)bytes, size);
	}
	if (map >= 0)
		close(map);
	return error;
}

/* ---- Reading ---- */

/* A private copy of the image in a half; NULL when its header is none, or what belongs to it is not there. */
static void *copy_half(const struct area *area, uint64_t half, size_t *size)
{
	const struct abi_image *image = (const struct abi_image *)area->bytes->half[half];
	const uint32_t length = __atomic_load_n(&image->size, __ATOMIC_RELAXED);
	const size_t here = length < ABI_HALF_SIZE ? length : ABI_HALF_SIZE;
	uint8_t *copy;

	if (length < sizeof(*image) || length > ABI_IMAGE_MAX)
		return NULL;
	copy = malloc(length);
	if (!copy)
		return NULL;
	memcpy(copy, image, here);
	*size = length;
	if (length == here || !read_rest(area, half, copy + here, length - here))
		return copy;
	free(copy);
	return NULL;
}

/* The copy is good when no swap came in between and every byte checks out. */
static int copy_verified(const struct area *area, uint64_t active, uint64_t half, void **bytes, size_t *size,
			 char message[256])
{
	struct image_view view;
	void *copy = copy_half(area, half, size);
	int error;

	if (area_active(area) != active) {
		free(copy);
		return -EAGAIN;
	}
	strcpy(message, "its header is damaged, or the end of it is not there");
	error = copy ? image_verify(copy, *size, &view, message) : -EILSEQ;
	if (!error && area_active(area) == active) {
		*bytes = copy;
		return 0;
	}
	free(copy);
	return error ? -EILSEQ : -EAGAIN;
}

int area_copy_active(const struct area *area, void **bytes, size_t *size, uint64_t *active,
		     struct failure *failure)
{
	char message[256];
	int error = -EAGAIN;

	for (int tries = 0; tries < COPY_TRIES && error == -EAGAIN; tries++) {
		*active = area_active(area);
		*bytes = NULL;
		*size = 0;
		if (!ABI_ACTIVE_GENERATION(*active))
			return 0;
		error = copy_verified(area, *active, ABI_ACTIVE_HALF(*active), bytes, size, message);
	}
	if (error == -EAGAIN)
		return fail(failure, error, "the policies change faster than they can be read; try again");
	return error ? fail(failure, error, "the live image is damaged (%s); tetra delete --all removes it", message)
		     : 0;
}

int area_copy_previous(const struct area *area, void **bytes, size_t *size, uint64_t *generation)
{
	uint64_t active = area_active(area);
	char message[256];

	if (ABI_ACTIVE_GENERATION(active) < 2)
		return -ENOENT;
	*generation = ABI_ACTIVE_GENERATION(active) - 1;
	return copy_verified(area, active, !ABI_ACTIVE_HALF(active), bytes, size, message) ? -ENOENT : 0;
}

/* ---- Writing ---- */

int area_write(struct area *area, const void *image, size_t size)
{
	const uint64_t free_half = !ABI_ACTIVE_HALF(area_active(area));
	const size_t here = size < ABI_HALF_SIZE ? size : ABI_HALF_SIZE;
	uint8_t *half = area->bytes->half[free_half];
	const int error = write_rest(area, free_half, image, size);

	if (error) {
		memset(half, 0, sizeof(struct abi_image));
		return error;
	}
	memcpy(half, image, here);
	memset(half + here, 0, ABI_HALF_SIZE - here);
	image_write_first(image, size, free_half, area->bytes);
	namespaces_read(HOST_PROCESS, area->bytes->control.host_namespaces);
	return 0;
}

void area_unwrite(struct area *area)
{
	pins_remove(area->pins, PIN_MAPS, rest_names[!ABI_ACTIVE_HALF(area_active(area))]);
}

void area_switch(struct area *area)
{
	uint64_t active = area_active(area);
	uint64_t next = (ABI_ACTIVE_GENERATION(active) + 1) << 1 | !ABI_ACTIVE_HALF(active);

	__atomic_store_n(&area->bytes->control.active, next, __ATOMIC_RELEASE);
}

/* Replacing the map in a map of maps waits for every program that may be running. */
static int wait_by_map(void)
{
	LIBBPF_OPTS(bpf_map_create_opts, options);
	int inner = bpf_map_create(BPF_MAP_TYPE_ARRAY, "grace_inner", 4, 4, 1, NULL), outer, error;
	uint32_t key = 0;

	if (inner < 0)
		return inner;
	options.inner_map_fd = (uint32_t)inner;
	outer = bpf_map_create(BPF_MAP_TYPE_ARRAY_OF_MAPS, "grace", 4, 4, 1, &options);
	error = outer < 0 ? outer : bpf_map_update_elem(outer, &key, &inner, 0);
	if (outer >= 0)
		close(outer);
	close(inner);
	return error;
}

const char *area_wait(void)
{
	if (!syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0))
		return "membarrier";
	if (!wait_by_map())
		return "a map of maps";
	/* What reads the area cannot sleep; what has not ended after this was not running. */
	sleep(1);
	return "a second's sleep";
}

int area_make_live(struct area *area, const void *image, size_t size)
{
	int error;

	area_wait();
	error = area_write(area, image, size);
	if (!error)
		area_switch(area);
	return error;
}
