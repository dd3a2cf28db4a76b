// SPDX-License-Identifier: Apache-2.0
/* event_pods.c - see event_pods.h. */
#include "runtime/event_pods.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "compiler/base/json.h"
#include "runtime/workloads.h"

/* The path in the hierarchy of version 2, in `ret`; false when there is none. */
static bool find_path(const char *cgroups, char ret[4096])
{
	const char *line = !strncmp(cgroups, "0::", 3) ? cgroups : strstr(cgroups, "\n0::");
	size_t length;

	if (!line)
		return false;
	line += (*line == '\n') + strlen("0::");
	length = strcspn(line, "\n");
	if (length >= 4096)
		return false;
	memcpy(ret, line, length);
	ret[length] = 0;
	return *ret == '/';
}

int event_pods_find(struct event_pods *pods, const char *cgroups, struct arena *arena, struct workload *ret)
{
	char path[4096], folder[8192];
	struct stat status;

	if (pods->map < 0 || !pods->mount || !find_path(cgroups, path))
		return -ENOENT;
	for (char *slash = strchr(path + 1, '/');; slash = strchr(slash + 1, '/')) {
		if (slash)
			*slash = 0;
		snprintf(folder, sizeof(folder), "%s%s", pods->mount, path);
		if (!stat(folder, &status) && !workload_kept(pods->map, status.st_ino, arena, ret))
			return ret->host ? -ENOENT : 0;
		if (!slash)
			return -ENOENT;
		*slash = '/';
	}
}

static void key_said(struct json *json, const char *key, const char *text)
{
	if (text && *text)
		json_key_string(json, key, text);
}

static void write_container(struct json *json, const struct workload *workload)
{
	json_key(json, "container");
	json_begin_object(json);
	key_said(json, "id", workload->container);
	key_said(json, "name", workload->name);
	if (workload->image && *workload->image) {
		json_key(json, "image");
		json_begin_object(json);
		json_key_string(json, "name", workload->image);
		json_end_object(json);
	}
	json_end_object(json);
}

void event_pod_write(const struct workload *workload, struct buffer *ret)
{
	struct json json = { .out = ret, .first = true };

	if (!workload->namespace && !workload->pod && !workload->name && !workload->image && !workload->labels_known)
		return;
	json_begin_object(&json);
	key_said(&json, "namespace", workload->namespace);
	key_said(&json, "name", workload->pod);
	write_container(&json, workload);
	if (workload->label_count) {
		json_key(&json, "pod_labels");
		json_begin_object(&json);
		for (size_t n = 0; n < workload->label_count; n++)
			json_key_string(&json, workload->labels[n].key, workload->labels[n].value);
		json_end_object(&json);
	}
	json_end_object(&json);
}
