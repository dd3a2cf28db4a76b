// SPDX-License-Identifier: Apache-2.0
/* container_state.c - see container_state.h. */
#include "runtime/container_state.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <json-c/json.h>

#include "runtime/containers.h"

/* ---- Files ---- */

static char *read_all(int fd, size_t size)
{
	char *text = malloc(size + 1);
	size_t length = 0;

	if (!text)
		abort();
	while (length < size) {
		const ssize_t got = read(fd, text + length, size - length);

		if (got <= 0)
			break;
		length += (size_t)got;
	}
	text[length] = 0;
	return text;
}

/* NULL when it is not there (*error -ENOENT), or not what a runtime leaves. */
static char *read_state(const char *path, size_t *length, int *error)
{
	const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NOFOLLOW | O_NONBLOCK);
	struct stat status;
	char *text = NULL;

	*error = fd < 0 ? (errno == ENOTDIR ? -ENOENT : -errno) : -EINVAL;
	if (fd >= 0 && !fstat(fd, &status) && S_ISREG(status.st_mode) && !status.st_uid && !(status.st_mode & (S_IWGRP | S_IWOTH)) &&
	    status.st_size <= LIMIT_CONTAINER_STATE_BYTES) {
		text = read_all(fd, (size_t)status.st_size);
		*length = strlen(text);
		*error = 0;
	}
	if (fd >= 0)
		close(fd);
	return text;
}

/* ---- JSON ---- */

static struct json_object *member(struct json_object *object, const char *key)
{
	struct json_object *value = NULL;

	return json_object_is_type(object, json_type_object) && json_object_object_get_ex(object, key, &value) ? value : NULL;
}

/* NULL when it is none, or longer than anything that tells of a workload. */
static const char *copy_text(struct arena *arena, struct json_object *value)
{
	const char *text = json_object_is_type(value, json_type_string) ? json_object_get_string(value) : NULL;
	const size_t length = text ? (size_t)json_object_get_string_len(value) : 0;

	return text && length <= LIMIT_WORKLOAD_TEXT_BYTES && strlen(text) == length ? arena_copy(arena, text, length) : NULL;
}

static const char *member_text(struct arena *arena, struct json_object *object, const char *key)
{
	return copy_text(arena, member(object, key));
}

static struct json_object *parse(const char *text, size_t length)
{
	struct json_tokener *tokener = json_tokener_new();
	struct json_object *object = tokener ? json_tokener_parse_ex(tokener, text, (int)length) : NULL;

	json_tokener_free(tokener);
	return object;
}

/* Labels are known all or not at all. */
static void read_labels(struct json_object *labels, struct arena *arena, struct workload *ret)
{
	struct event_label *items;
	size_t count = 0;

	if (!json_object_is_type(labels, json_type_object) || json_object_object_length(labels) > LIMIT_WORKLOAD_LABELS)
		return;
	items = arena_array(arena, struct event_label, (size_t)json_object_object_length(labels));
	json_object_object_foreach(labels, key, value) {
		const char *text = copy_text(arena, value);

		if (!text || strlen(key) > LIMIT_WORKLOAD_TEXT_BYTES)
			return;
		items[count++] = (struct event_label){ arena_copy(arena, key, strlen(key)), text };
	}
	ret->labels = items;
	ret->label_count = count;
	ret->labels_known = true;
}

/* ---- What each runtime writes ---- */

/* Where annotations and labels say the same in other words. */
struct words { const char *name, *pod, *namespace, *image, *sandbox; };

static void read_words(const struct words *words, struct json_object *object, struct arena *arena, struct workload *ret,
		       const char **sandbox)
{
	ret->name = member_text(arena, object, words->name);
	ret->pod = member_text(arena, object, words->pod);
	ret->namespace = member_text(arena, object, words->namespace);
	if (words->image)
		ret->image = member_text(arena, object, words->image);
	if (words->sandbox)
		*sandbox = member_text(arena, object, words->sandbox);
}

static bool parse_containerd(struct json_object *object, const char *container, struct arena *arena, struct workload *ret, const char **sandbox)
{
	static const struct words words = { "io.kubernetes.cri.container-name", "io.kubernetes.cri.sandbox-name",
					    "io.kubernetes.cri.sandbox-namespace", "io.kubernetes.cri.image-name",
					    "io.kubernetes.cri.sandbox-id" };

	if (!json_object_is_type(member(object, "ociVersion"), json_type_string))
		return false;
	read_words(&words, member(object, "annotations"), arena, ret, sandbox);
	if (!ret->name && *sandbox && !strcmp(*sandbox, container))
		ret->name = "";		/* it holds the pod together, and is no container of it */
	return true;
}

/* Only CRI-O's own: Podman writes such files too.  Of the labels, those of a sandbox are its pod's. */
static bool parse_crio(struct json_object *object, const char *container, struct arena *arena, struct workload *ret, const char **sandbox)
{
	static const struct words words = { "io.kubernetes.container.name", "io.kubernetes.pod.name", "io.kubernetes.pod.namespace",
					    "io.kubernetes.cri-o.ImageName", "io.kubernetes.cri-o.SandboxID" };
	struct json_object *annotations = member(object, "annotations");
	const char *text = member_text(arena, annotations, "io.kubernetes.cri-o.ContainerType"), *labels;
	struct json_object *parsed;

	(void)container;
	if (!json_object_is_type(member(object, "ociVersion"), json_type_string))
		return false;
	if (!text)
		return true;
	read_words(&words, annotations, arena, ret, sandbox);
	labels = json_object_get_string(member(annotations, "io.kubernetes.cri-o.Labels"));
	if (strcmp(text, "sandbox") || !labels)
		return true;
	parsed = parse(labels, strlen(labels));
	read_labels(parsed, arena, ret);
	json_object_put(parsed);
	return true;
}

/* A container outside of Kubernetes is known to have no namespace; inside, its labels are not the pod's. */
static bool parse_docker(struct json_object *object, const char *container, struct arena *arena, struct workload *ret, const char **sandbox)
{
	static const struct words words = { "io.kubernetes.container.name", "io.kubernetes.pod.name", "io.kubernetes.pod.namespace", NULL,
					    NULL };
	struct json_object *config = member(object, "Config"), *labels = member(config, "Labels");
	const char *name = member_text(arena, object, "Name");

	(void)container;
	if (!name || !config)
		return false;
	read_words(&words, labels, arena, ret, sandbox);
	ret->image = member_text(arena, config, "Image");
	if (ret->namespace)
		return true;
	ret->name = name + (*name == '/');
	ret->namespace = ret->pod = "";
	if (labels && !json_object_is_type(labels, json_type_null)) {
		read_labels(labels, arena, ret);
	} else {
		ret->labels_known = true;
	}
	return true;
}

/* Podman: one list of all, in which what it says of a container is text of JSON again. */
static bool parse_storage(struct json_object *object, const char *container, struct arena *arena, struct workload *ret, const char **sandbox)
{
	struct json_object *entry, *inner;
	const char *text;

	(void)sandbox;
	if (!json_object_is_type(object, json_type_array))
		return false;
	for (size_t n = 0; n < json_object_array_length(object); n++) {
		entry = json_object_array_get_idx(object, n);
		text = member_text(arena, entry, "id");
		if (!text || strcmp(text, container))
			continue;
		text = member_text(arena, entry, "metadata");
		inner = text ? parse(text, strlen(text)) : NULL;
		ret->name = member_text(arena, inner, "name");
		ret->image = member_text(arena, inner, "image-name");
		json_object_put(inner);
		return true;
	}
	return true;
}

typedef bool parse_state(struct json_object *object, const char *container, struct arena *arena, struct workload *ret, const char **sandbox);

static const struct state_row {
	const char *paths[2];		/* %s: the id; patterns of glob(7) */
	parse_state *parse;
} states[STATE_COUNT] = {
	[STATE_CONTAINERD] = { { "/run/containerd/io.containerd.runtime.v2.task/*/%s/config.json",
				 "/run/k3s/containerd/io.containerd.runtime.v2.task/*/%s/config.json" }, parse_containerd },
	[STATE_CRIO] = { { "/run/containers/storage/overlay-containers/%s/userdata/config.json",
			   "/var/lib/containers/storage/overlay-containers/%s/userdata/config.json" }, parse_crio },
	[STATE_DOCKER] = { { "/var/lib/docker/containers/%s/config.v2.json" }, parse_docker },
	[STATE_STORAGE] = { { "/var/lib/containers/storage/overlay-containers/containers.json" }, parse_storage },
};

int container_state_parse(enum container_state state, const char *container, const char *text, size_t length, struct arena *arena,
			  struct workload *ret, const char **sandbox)
{
	struct json_object *object = parse(text, length);
	struct workload read = { 0 };
	const bool good = object && states[state].parse(object, container, arena, &read, sandbox);

	json_object_put(object);
	if (good)
		*ret = read;
	return good ? 0 : -EINVAL;
}

/* ---- One container ---- */

static int read_path(enum container_state state, const char *path, const char *container, struct arena *arena, struct workload *ret,
		     const char **sandbox)
{
	size_t length;
	int error;
	char *text = read_state(path, &length, &error);

	if (!text)
		return error;
	error = container_state_parse(state, container, text, length, arena, ret, sandbox);
	free(text);
	if (!error)
		ret->place = arena_copy(arena, path, strlen(path));
	return error;
}

/* Of several that a pattern finds none is better than another: nothing is known then. */
static int read_row(const char *root, enum container_state state, const char *pattern, const char *container, struct arena *arena,
		    struct workload *ret, const char **sandbox)
{
	const char *at = strstr(pattern, "%s");
	const char *wanted = at ? arena_format(arena, "%s%.*s%s%s", root, (int)(at - pattern), pattern, container, at + 2) :
			     arena_format(arena, "%s%s", root, pattern);
	glob_t found = { 0 };
	int error = -ENOENT;

	if (!glob(wanted, GLOB_NOSORT, NULL, &found))
		error = found.gl_pathc == 1 ? read_path(state, found.gl_pathv[0], container, arena, ret, sandbox) : -EINVAL;
	globfree(&found);
	return error;
}

static bool says_something(const struct workload *workload)
{
	return workload->name || workload->image || workload->namespace || workload->pod || workload->labels_known;
}

static int read_any(const char *root, const char *container, struct arena *arena, struct workload *ret, const char **sandbox)
{
	int result = -ENOENT;

	for (int state = 0; state < STATE_COUNT; state++)
		for (size_t n = 0; n < 2 && states[state].paths[n]; n++) {
			const int error = read_row(root, (enum container_state)state, states[state].paths[n], container, arena, ret, sandbox);

			if (!error && says_something(ret))
				return 0;
			if (error && error != -ENOENT)
				result = -EINVAL;
		}
	return result;
}

int container_state_read(const char *root, const char *container, struct arena *arena, struct workload *ret)
{
	const char *sandbox = NULL, *ignored = NULL;
	struct workload read = { 0 }, pod = { 0 };
	const int error = read_any(root, container, arena, &read, &sandbox);
	char id[CONTAINER_ID + 1];

	if (error)
		return error;
	if (sandbox)
		container_id_find(sandbox, id);
	if (sandbox && *id && !read.labels_known && strcmp(id, container) && !read_any(root, id, arena, &pod, &ignored)) {
		read.labels_known = pod.labels_known;
		read.labels = pod.labels;
		read.label_count = pod.label_count;
	}
	*ret = read;
	return 0;
}
