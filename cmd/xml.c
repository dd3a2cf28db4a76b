// SPDX-License-Identifier: Apache-2.0
/* xml.c - see xml.h. */
#include "cmd/xml.h"

#include "cmd/report.h"

/* XML 1.0 has no way to write most control characters, nor U+FFFE and U+FFFF. */
static bool is_xml(uint32_t code)
{
	return code >= 0x20 ? code != 0xfffe && code != 0xffff : code == '\t' || code == '\n' || code == '\r';
}

static void add_character(struct buffer *out, const char *text, size_t bytes, uint32_t code)
{
	switch (code) {
	case '&':
		buffer_add_text(out, "&amp;");
		return;
	case '<':
		buffer_add_text(out, "&lt;");
		return;
	case '>':
		buffer_add_text(out, "&gt;");
		return;
	case '"':
		buffer_add_text(out, "&quot;");
		return;
	case '\t': case '\n': case '\r':	/* as they are, readers make them spaces in attributes */
		buffer_format(out, "&#%u;", code);
		return;
	default:
		buffer_add(out, text, bytes);
	}
}

void xml_escape(struct buffer *out, const char *text, size_t length)
{
	while (length) {
		uint32_t code = 0;
		size_t bytes = report_character(text, length, &code);

		if (bytes && is_xml(code))
			add_character(out, text, bytes, code);
		else
			buffer_add_text(out, "\xef\xbf\xbd");
		text += bytes ? bytes : 1;
		length -= bytes ? bytes : 1;
	}
}
