/* SPDX-License-Identifier: Apache-2.0 */
/* event_digests.h - the digest of an event's file as JSON: `ima_hash`, "sha256:HEX". */
#ifndef RUNTIME_EVENT_DIGESTS_H
#define RUNTIME_EVENT_DIGESTS_H

#include "compiler/base/json.h"
#include "runtime/event_json.h"

/*
 * Writes the digest, if there is one.  Else returns why there is none, which is what `tetra.ima_hash_unknown` says, see docs/events.md; NULL
 * when there is one, or none was asked for.
 */
const char *event_digest(struct json *json, const struct event *event, const struct image_hook *hook);

#endif
