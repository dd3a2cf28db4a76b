// SPDX-License-Identifier: Apache-2.0
/*
 * workload.c - where a process belongs; see reading.h.
 *
 * A process with `pod` is in that pod.  One without is on the host only when `tetra` says so: an agent leaves `pod` out also where
 * it does not know pods, and where it has not heard of one yet.
 */
#include "compiler/events/reading.h"

#include <errno.h>
#include <string.h>

static int read_labels(struct reading *reading, struct json_object *labels, struct event_workload *ret)
{
	if (!json_object_is_type(labels, json_type_object))
		return refuse(reading, "the labels of the pod are not a mapping");
	if (json_object_object_length(labels) > EVENT_LABELS_MAX)
		return refuse(reading, "the pod has too many labels");
	ret->labels_known = true;
	ret->labels = arena_array(reading->arena, struct event_label, (size_t)json_object_object_length(labels));
	json_object_object_foreach(labels, key, value) {
		size_t length;

		if (!json_object_is_type(value, json_type_string))
			return refuse(reading, "a label of the pod is not a string");
		ret->labels[ret->label_count++] = (struct event_label){
			arena_copy(reading->arena, key, strlen(key)), copy_text(reading, value, &length),
		};
	}
	return 0;
}

const char *event_image_repository(struct arena *arena, const char *image)
{
	size_t length = strcspn(image, "@");
	const char *slash = memrchr(image, '/', length);
	const char *colon = memchr(slash ? slash : image, ':', (size_t)(image + length - (slash ? slash : image)));

	if (!length || !strncmp(image, "sha256:", strlen("sha256:")))
		return NULL;
	return arena_copy(arena, image, colon ? (size_t)(colon - image) : length);
}

int read_pod(struct reading *reading, struct json_object *pod, struct event_workload *ret)
{
	struct json_object *container = member(pod, "container");
	const char *image = member_text(reading, member(container, "image"), "name");

	if (!json_object_is_type(pod, json_type_object))
		return refuse(reading, "the pod of the process is not an object");
	ret->place = EVENT_PLACE_POD;
	ret->pod_namespace = member_text(reading, pod, "namespace");
	ret->container_name = member_text(reading, container, "name");
	ret->container_repository = image ? event_image_repository(reading->arena, image) : NULL;
	return member(pod, "pod_labels") ? read_labels(reading, member(pod, "pod_labels"), ret) : 0;
}

int read_whereabouts(struct reading *reading, struct json_object *facts, struct event_workload *ret)
{
	static const char *const places[] = { "unknown", "host", "pod" };	/* as enum event_place */
	const char *place = member_text(reading, facts, "place");
	size_t next = 0;
	int found = place ? find_word(places, sizeof(places) / sizeof(*places), place, &next) : -1;

	if (member(facts, "place") && found < 0)
		return refuse(reading, "'place' is none of \"host\", \"pod\" and \"unknown\"");
	if (found >= 0)
		ret->place = (enum event_place)found;
	if (member(facts, "container_repo"))
		ret->container_repository = member_text(reading, facts, "container_repo");
	return 0;
}
