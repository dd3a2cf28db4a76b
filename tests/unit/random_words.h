/* SPDX-License-Identifier: Apache-2.0 */
/* random_words.h - what rules and calls by chance are both made of, so that some of them meet; of random_rules.c and random_calls.c. */
#ifndef TESTS_UNIT_RANDOM_WORDS_H
#define TESTS_UNIT_RANDOM_WORDS_H

#include "tests/unit/random.h"

#define COUNT(array) (unsigned)(sizeof(array) / sizeof(*(array)))
#define ONE_OF(array) (array)[pick(COUNT(array))]

static const char *const paths[] = { "/etc/keys", "/etc/keys/a", "/etc/keys-old", "/usr/bin/dash", "/usr/bin/cat", "/srv/www", "/srv/www/x/y.php",
				     "/tmp/x", "/home/ada/.ssh/id_rsa", "/opt/a.so", "/etc/app.conf" };
static const char *const programs[] = { "/usr/bin/cat", "/usr/bin/dash", "/usr/sbin/nginx", "/opt/agent", "/usr/bin/passwd" };
static const char *const capabilities[] = { "CAP_SYS_ADMIN", "CAP_NET_RAW", "CAP_KILL" };

#endif
