// SPDX-License-Identifier: Apache-2.0
/*
 * target.c - a program with functions and static probes for the tests to watch: target WORD [ARGUMENTS].
 *
 * The notes of its probes are written by hand, as <sys/sdt.h> would write them.
 */
#include <elf.h>
#include <linux/userfaultfd.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define TEXT(x) #x
#define PROBE(name, counter, arguments, ...)                                                     \
	asm volatile("990: nop\n"                                                                \
		     ".pushsection .note.stapsdt,\"?\",\"note\"\n"                               \
		     ".balign 4\n"                                                               \
		     ".4byte 992f-991f, 994f-993f, 3\n"                                          \
		     "991: .asciz \"stapsdt\"\n"                                                 \
		     "992: .balign 4\n"                                                          \
		     "993: .8byte 990b, _.stapsdt.base, " counter "\n"                           \
		     ".asciz \"tetra_target\"\n"                                                 \
		     ".asciz \"" name "\"\n"                                                     \
		     ".asciz \"" arguments "\"\n"                                                \
		     "994: .balign 4\n"                                                          \
		     ".popsection\n"                                                             \
		     ".ifndef _.stapsdt.base\n"                                                  \
		     ".pushsection .stapsdt.base,\"aG\",\"progbits\",.stapsdt.base,comdat\n"     \
		     ".weak _.stapsdt.base\n"                                                    \
		     ".hidden _.stapsdt.base\n"                                                  \
		     "_.stapsdt.base: .space 1\n"                                                \
		     ".size _.stapsdt.base, 1\n"                                                 \
		     ".popsection\n"                                                             \
		     ".endif\n" : : __VA_ARGS__)

#define NOINLINE __attribute__((noinline, noclone, used))

/* The kernel counts up here while somebody watches. */
static volatile unsigned short target_counter __attribute__((section(".probes"), used));

static NOINLINE int target_function(const char *text, long number)
{
	asm volatile("");
	return (int)(strlen(text) + (size_t)number);
}

/* Two functions of one name would be one more source file away; these two have nearly the same. */
static NOINLINE int target_functions(int number)
{
	asm volatile("");
	return number + 1;
}

static NOINLINE void target_buffer(const char *bytes, size_t length)
{
	asm volatile("" : : "r"(bytes), "r"(length));
}

/* Ten times the number, unless somebody has changed where its calls go on, or with what. */
static NOINLINE long target_guarded(long number, const long *memory)
{
	asm volatile("" : : "r"(memory));
	return number * 10;
}

static NOINLINE long target_safe(long number, const long *memory)
{
	asm volatile("" : : "r"(memory));
	return 1000 + number;
}

#if defined(__x86_64__)
/* The same as target_guarded, beginning with the instruction at which newer kernels spare the trap. */
long target_padded(long number, const long *memory);
asm(".pushsection .text\n"
    ".globl target_padded\n"
    ".type target_padded, @function\n"
    ".balign 16\n"
    "target_padded: .byte 0x0f, 0x1f, 0x44, 0x00, 0x00\n"
    "	imul $10, %rdi, %rax\n"
    "	ret\n"
    ".size target_padded, . - target_padded\n"
    ".popsection\n");
#endif

static int say_guarded(long (*function)(long number, const long *memory), long number)
{
	static const long memory[] = { 0, 4711 };

	for (int n = 0; n < 3; n++)
		printf("%ld%c", function(number, memory), n < 2 ? ' ' : '\n');
	return 0;
}

struct inner { int level; };
struct record { const char *name; int count; struct inner *inner; };

static NOINLINE void target_record(struct record *first, struct record *second)
{
	asm volatile("" : : "r"(first), "r"(second) : "memory");
}

#if defined(__x86_64__)
static NOINLINE void probe_record(struct record *record)
{
	asm volatile("" : : "r"(record) : "memory");
	PROBE("record", "0", "8@%0", "r"(record));
}

/* Each kind of place that an argument may have. */
static NOINLINE void probe_places(const char *text, int number)
{
	volatile int on_stack = -number;
	volatile short table[4] = { 10, 20, 30, -40 };
	signed char small = (signed char)-number;

	PROBE("places", "0", "8@%0 -4@%k1 4@$7 -4@%2 -1@%b3 -2@(%4,%5,2) 8@$-9 1@%b3", "r"(text), "r"(number), "m"(on_stack),
	      "q"(small), "r"(table), "r"(3L));
}

/* One probe in two places, with its argument elsewhere in each. */
static NOINLINE void probe_twice(int number)
{
	volatile int on_stack = number + 1;

	if (number % 2)
		PROBE("twice", "0", "-4@%k0", "r"(number));
	else
		PROBE("twice", "0", "-4@%0", "m"(on_stack));
}

static NOINLINE void probe_counted(int number)
{
	PROBE("counted", "target_counter", "-4@%k0", "r"(number));
}

/* At the address of a symbol, which the note does not give. */
static volatile int at_symbol = 5;
static NOINLINE void probe_symbol(int number)
{
	PROBE("symbol", "0", "-4@at_symbol(%%rip) -4@%k0", "r"(number));
	at_symbol = number;
}

/* Told by what it leads to: 0 unless somebody has set it. */
static NOINLINE int probe_set(int number)
{
	volatile int answer = 0;

	PROBE("set", "0", "-4@%0 -4@%k1", "m"(answer), "r"(number));
	return answer;
}
#endif

/* ---- Where things are in this file ---- */

extern const char __ehdr_start[];

static uint64_t file_offset(const volatile void *address)
{
	const Elf64_Phdr *headers = (const void *)getauxval(AT_PHDR);
	const uint64_t at = (uint64_t)((uintptr_t)address - (uintptr_t)__ehdr_start);

	for (unsigned long n = 0; n < getauxval(AT_PHNUM); n++)
		if (headers[n].p_type == PT_LOAD && at - headers[n].p_vaddr < headers[n].p_filesz)
			return at - headers[n].p_vaddr + headers[n].p_offset;
	return 0;
}

/* Offset and address of target_function(), offset of target_counter, path of the C library. */
static int say_where(void)
{
	FILE *maps = fopen("/proc/self/maps", "r");
	char line[512];

	printf("safe_offset=0x%lx safe_address=0x%lx ", (unsigned long)file_offset((const void *)target_safe),
	       (unsigned long)((uintptr_t)target_safe - (uintptr_t)__ehdr_start));
	printf("offset=0x%lx address=0x%lx counter=0x%lx", (unsigned long)file_offset((const void *)target_function),
	       (unsigned long)((uintptr_t)target_function - (uintptr_t)__ehdr_start), (unsigned long)file_offset(&target_counter));
	while (maps && fgets(line, sizeof(line), maps)) {
		char *path = strchr(line, '/');

		if (!path || !strstr(path, "/libc.so"))
			continue;
		printf(" library=%s", path);
		break;
	}
	if (maps)
		fclose(maps);
	printf("\n");
	return 0;
}

/* The types above as BTF, which only some compilers write. */
static int say_types(void)
{
	enum { INT = 1, PTR = 2, STRUCT = 4 };
#define KIND(kind, members) ((uint32_t)(kind) << 24 | (members))
	static const char names[] = "\0int\0char\0inner\0level\0record\0name\0count";
	static const uint32_t types[] = {
		1, KIND(INT, 0), 4, 1u << 24 | 32,			/* 1: int */
		5, KIND(INT, 0), 1, 8,					/* 2: char */
		0, KIND(PTR, 0), 2,					/* 3: char * */
		10, KIND(STRUCT, 1), 4, 16, 1, 0,			/* 4: struct inner { int level; } */
		0, KIND(PTR, 0), 4,					/* 5: struct inner * */
		22, KIND(STRUCT, 3), 24, 29, 3, 0, 34, 1, 64, 10, 5, 128,	/* 6: struct record */
	};
	const uint32_t header[] = { 1u << 16 | 0xeb9f, 24, 0, sizeof(types), sizeof(types), sizeof(names) };

	return fwrite(header, sizeof(header), 1, stdout) != 1 || fwrite(types, sizeof(types), 1, stdout) != 1 ||
	       fwrite(names, sizeof(names), 1, stdout) != 1;
}

/* A text in pages that nobody has looked at yet, of which it begins `before` bytes before the end of the first. */
static const char *untouched_text(const char *path, const char *text, long before)
{
	FILE *file = fopen(path, "w+");
	char *pages;

	if (!file || fseek(file, 4096 - before, SEEK_SET) || fputs(text, file) < 0 || fflush(file) || ftruncate(fileno(file), 8192))
		return NULL;
	pages = mmap(NULL, 8192, PROT_READ, MAP_PRIVATE, fileno(file), 0);
	fclose(file);
	return pages == MAP_FAILED ? NULL : pages + 4096 - before;
}

/* An address at which whoever reads waits for ever: nobody serves what user space said that it would. */
static const char *unserved_text(void)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register range = { .range = { .len = 4096 }, .mode = UFFDIO_REGISTER_MODE_MISSING };
	int fd = (int)syscall(SYS_userfaultfd, 0);
	void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	range.range.start = (uintptr_t)page;
	return fd < 0 || page == MAP_FAILED || ioctl(fd, UFFDIO_API, &api) || ioctl(fd, UFFDIO_REGISTER, &range) ? NULL : page;
}

int main(int count, char **words)
{
	const char *word = count > 1 ? words[1] : "", *text = count > 2 ? words[2] : "";
	long number = count > 3 ? atol(words[3]) : 0;

	if (!strcmp(word, "function"))
		return printf("%d\n", target_function(text, number)) < 0;
	if (!strcmp(word, "types"))
		return say_types();
	if (!strcmp(word, "record"))
		return target_record(&(struct record){ .name = text }, &(struct record){ .inner = &(struct inner){ (int)number } }), 0;
	if (!strcmp(word, "after")) {	/* what follows, once somebody has written to a named pipe */
		FILE *pipe = fopen(text, "r");

		if (!pipe || fgetc(pipe) == EOF)
			return 1;
		return main(count - 2, words + 2);
	}
	if (!strcmp(word, "where"))
		return say_where();
	if (!strcmp(word, "library"))
		return clearenv();
	if (!strcmp(word, "functions"))
		return printf("%d\n", target_functions(atoi(text))) < 0;
	if (!strcmp(word, "guarded"))
		return say_guarded(target_guarded, atol(text));
	if (!strcmp(word, "buffer"))
		return target_buffer(text, strlen(text)), 0;
	if (!strcmp(word, "kernel"))	/* what only points into the kernel */
		return target_buffer((const char *)0xffffffff81000000, 8), 0;
	if (!strcmp(word, "untouched"))
		return target_buffer(untouched_text(text, "untouched", 4096), 9), 0;
	if (!strcmp(word, "crossing"))
		return target_buffer(untouched_text(text, "crossing", 5), 9), 0;
	if (!strcmp(word, "unserved")) {
		text = unserved_text();
		return text ? target_buffer(text, 9), 0 : 1;
	}
#if defined(__x86_64__)
	if (!strcmp(word, "padded"))
		return say_guarded(target_padded, atol(text));
	if (!strcmp(word, "probe_record"))
		return probe_record(&(struct record){ .name = text, .count = (int)number }), 0;
	if (!strcmp(word, "places"))
		return probe_places(text, (int)number), 0;
	if (!strcmp(word, "twice"))
		return probe_twice(atoi(text)), 0;
	if (!strcmp(word, "counted"))
		return probe_counted(atoi(text)), printf("%u\n", target_counter) < 0;
	if (!strcmp(word, "symbol"))
		return probe_symbol(atoi(text)), 0;
	if (!strcmp(word, "set"))
		return printf("%d\n", probe_set(atoi(text))) < 0;
#endif
	fprintf(stderr, "usage: target WORD [ARGUMENTS]\n");
	return 2;
}
