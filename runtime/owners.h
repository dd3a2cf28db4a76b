/* SPDX-License-Identifier: Apache-2.0 */
/* owners.h - the map of the owners of sockets (TrackSock): struct abi_sock_owner by struct abi_sock_key. */
#ifndef RUNTIME_OWNERS_H
#define RUNTIME_OWNERS_H

#include <stdint.h>

#include "runtime/pins.h"

/* Forgets what the policy of that id has tracked, so that another one may have the id.  0, or a negative errno. */
int owners_forget(const struct pins *pins, uint32_t policy);

#endif
