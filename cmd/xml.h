/* SPDX-License-Identifier: Apache-2.0 */
/* xml.h - text inside XML, for reports in JUnit's format. */
#ifndef CMD_XML_H
#define CMD_XML_H

#include "compiler/base/buffer.h"

/* For attributes and text: what XML cannot say becomes U+FFFD. */
void xml_escape(struct buffer *out, const char *text, size_t length);

#endif
