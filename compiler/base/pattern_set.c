// SPDX-License-Identifier: Apache-2.0
/* pattern_set.c - sets of characters, as far as they are ASCII; see pattern_node.h. */
#include "compiler/base/pattern_node.h"

#include <string.h>

/* The only characters beyond ASCII that differ from one of ASCII in case alone. */
enum { LONG_S = 0x17f, KELVIN = 0x212a };

static void add_one(struct pattern_set *set, unsigned c)
{
	set->bits[c / 64] |= 1ULL << c % 64;
}

bool pattern_set_has(const struct pattern_set *set, unsigned char c)
{
	return c < 128 && set->bits[c / 64] >> c % 64 & 1;
}

static void fold(struct pattern_set *set)
{
	for (unsigned char c = 'a'; c <= 'z'; c++) {
		const unsigned char upper = (unsigned char)(c - 'a' + 'A');

		if (pattern_set_has(set, c) || pattern_set_has(set, upper)) {
			add_one(set, c);
			add_one(set, upper);
		}
	}
}

void pattern_set_add(struct pattern_set *set, unsigned low, unsigned high, enum pattern_case which)
{
	struct pattern_set added = { { 0 } };

	for (unsigned c = low; c <= high && c < 128; c++)
		add_one(&added, c);
	if (which == CASE_ANY) {
		if (low <= LONG_S && LONG_S <= high)
			add_one(&added, 's');
		if (low <= KELVIN && KELVIN <= high)
			add_one(&added, 'k');
		fold(&added);
	}
	pattern_set_join(set, added);
}

void pattern_set_join(struct pattern_set *set, struct pattern_set other)
{
	set->bits[0] |= other.bits[0];
	set->bits[1] |= other.bits[1];
}

struct pattern_set pattern_set_invert(struct pattern_set set)
{
	return (struct pattern_set){ { ~set.bits[0], ~set.bits[1] } };
}

/* ---- Names ---- */

/* `members`: pairs, from the first character to the second. */
struct class_row { const char *name, *members; size_t length; };
#define CLASS(name, members) { name, members, sizeof(members) - 1 }

static const struct class_row named[] = {
	CLASS("alnum", "09AZaz"), CLASS("alpha", "AZaz"), CLASS("ascii", "\0\x7f"), CLASS("blank", "\t\t  "),
	CLASS("cntrl", "\0\x1f\x7f\x7f"), CLASS("digit", "09"), CLASS("graph", "!~"), CLASS("lower", "az"), CLASS("print", " ~"),
	CLASS("punct", "!/:@[`{~"), CLASS("space", "\t\r  "), CLASS("upper", "AZ"), CLASS("word", "09AZaz__"),
	CLASS("xdigit", "09AFaf"),
};

static const struct class_row escapes[] = {
	CLASS("d", "09"), CLASS("s", "\t\n\f\r  "), CLASS("w", "09AZaz__"),
};

/* What ASCII has of the categories of Unicode. */
static const struct class_row categories[] = {
	CLASS("L", "AZaz"), CLASS("Lu", "AZ"), CLASS("Ll", "az"), CLASS("Lt", ""), CLASS("Lm", ""), CLASS("Lo", ""),
	CLASS("M", ""), CLASS("Mn", ""), CLASS("Mc", ""), CLASS("Me", ""),
	CLASS("N", "09"), CLASS("Nd", "09"), CLASS("Nl", ""), CLASS("No", ""),
	CLASS("P", "!#%*,/:;?@[]__{{}}"), CLASS("Pc", "__"), CLASS("Pd", "--"), CLASS("Ps", "(([[{{"), CLASS("Pe", "))]]}}"),
	CLASS("Pi", ""), CLASS("Pf", ""), CLASS("Po", "!#%'**,,./:;?@\\\\"),
	CLASS("S", "$$++<>^^``||~~"), CLASS("Sm", "++<>||~~"), CLASS("Sc", "$$"), CLASS("Sk", "^^``"), CLASS("So", ""),
	CLASS("Z", "  "), CLASS("Zs", "  "), CLASS("Zl", ""), CLASS("Zp", ""),
	CLASS("C", "\0\x1f\x7f\x7f"), CLASS("Cc", "\0\x1f\x7f\x7f"), CLASS("Cf", ""), CLASS("Co", ""), CLASS("Cs", ""),
	CLASS("Any", "\0\x7f"), CLASS("Latin", "AZaz"), CLASS("Common", "\0@[`{\x7f"),
};

/* Scripts of which ASCII has nothing; those of Unicode 15. */
static const char scripts[] =
	" Adlam Ahom Anatolian_Hieroglyphs Arabic Armenian Avestan Balinese Bamum Bassa_Vah Batak Bengali Bhaiksuki Bopomofo Brahmi "
	"Braille Buginese Buhid Canadian_Aboriginal Carian Caucasian_Albanian Chakma Cham Cherokee Chorasmian Coptic Cuneiform "
	"Cypriot Cypro_Minoan Cyrillic Deseret Devanagari Dives_Akuru Dogra Duployan Egyptian_Hieroglyphs Elbasan Elymaic Ethiopic "
	"Georgian Glagolitic Gothic Grantha Greek Gujarati Gunjala_Gondi Gurmukhi Han Hangul Hanifi_Rohingya Hanunoo Hatran Hebrew "
	"Hiragana Imperial_Aramaic Inherited Inscriptional_Pahlavi Inscriptional_Parthian Javanese Kaithi Kannada Katakana Kawi "
	"Kayah_Li Kharoshthi Khitan_Small_Script Khmer Khojki Khudawadi Lao Lepcha Limbu Linear_A Linear_B Lisu Lycian Lydian "
	"Mahajani Makasar Malayalam Mandaic Manichaean Marchen Masaram_Gondi Medefaidrin Meetei_Mayek Mende_Kikakui "
	"Meroitic_Cursive Meroitic_Hieroglyphs Miao Modi Mongolian Mro Multani Myanmar Nabataean Nag_Mundari Nandinagari "
	"New_Tai_Lue Newa Nko Nushu Nyiakeng_Puachue_Hmong Ogham Ol_Chiki Old_Hungarian Old_Italic Old_North_Arabian Old_Permic "
	"Old_Persian Old_Sogdian Old_South_Arabian Old_Turkic Old_Uyghur Oriya Osage Osmanya Pahawh_Hmong Palmyrene Pau_Cin_Hau "
	"Phags_Pa Phoenician Psalter_Pahlavi Rejang Runic Samaritan Saurashtra Sharada Shavian Siddham SignWriting Sinhala Sogdian "
	"Sora_Sompeng Soyombo Sundanese Syloti_Nagri Syriac Tagalog Tagbanwa Tai_Le Tai_Tham Tai_Viet Takri Tamil Tangsa Tangut "
	"Telugu Thaana Thai Tibetan Tifinagh Tirhuta Toto Ugaritic Vai Vithkuqi Wancho Warang_Citi Yezidi Yi Zanabazar_Square ";

static bool find(const struct class_row *rows, size_t count, const char *name, size_t length, enum pattern_case which,
		 struct pattern_set *ret)
{
	for (size_t n = 0; n < count; n++) {
		if (strlen(rows[n].name) != length || memcmp(rows[n].name, name, length))
			continue;
		*ret = (struct pattern_set){ { 0 } };
		for (size_t i = 0; i < rows[n].length; i += 2)
			pattern_set_add(ret, (unsigned char)rows[n].members[i], (unsigned char)rows[n].members[i + 1], which);
		return true;
	}
	return false;
}

#define FIND(rows, name, length, which, ret) find(rows, sizeof(rows) / sizeof(*(rows)), name, length, which, ret)

bool pattern_set_named(const char *name, size_t length, enum pattern_case which, struct pattern_set *ret)
{
	return FIND(named, name, length, which, ret);
}

bool pattern_set_escape(char letter, enum pattern_case which, struct pattern_set *ret)
{
	return FIND(escapes, &letter, 1, which, ret);
}

static bool is_script(const char *name, size_t length)
{
	for (const char *at = scripts; length && (at = memmem(at, strlen(at), name, length)); at++)
		if (at[-1] == ' ' && at[length] == ' ')
			return true;
	return false;
}

bool pattern_set_unicode(const char *name, size_t length, enum pattern_case which, struct pattern_set *ret)
{
	if (FIND(categories, name, length, which, ret))
		return true;
	*ret = (struct pattern_set){ { 0 } };
	return is_script(name, length);
}
