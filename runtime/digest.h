/* SPDX-License-Identifier: Apache-2.0 */
/* digest.h - whether a file has one of the digests that a policy demands. */
#ifndef RUNTIME_DIGEST_H
#define RUNTIME_DIGEST_H

#include "runtime/elf_file.h"

/*
 * `digests` is "ALGORITHM:HEX,..." with sha1, sha256, sha384, sha512 or build-id; letter case and spaces around count for nothing.
 * 0 when the file has one of them; -EKEYREJECTED when it has none, with the reason; another negative errno when it cannot be read, with the
 * reason.  `elf` is of the same descriptor.
 */
int digest_check(const char *digests, int descriptor, struct elf_file *elf, struct elf_failure *failure);

#endif
