# SPDX-License-Identifier: Apache-2.0
# tetra: `make` builds build/tetra, `make demo` shows it, `make test` proves it.  Settings: config.mk.
# O=DIR build folder, WERROR=yes, SAN=address,undefined, V=1, INSTALL=no (only list missing packages), STATIC=no (tetra uses
# the machine's libraries; otherwise it needs none where it runs, and starts in half the time), PROCESSORS=N (what tests may take).

O ?= build
CC = gcc
CLANG ?= clang
BPFTOOL ?= $(firstword $(wildcard /usr/sbin/bpftool) bpftool)
PREFIX ?= /usr/local
PROCESSORS ?= $(shell nproc)
-include config.mk

.DELETE_ON_ERROR:
.SUFFIXES:
.SECONDARY:
MAKEFLAGS += --no-builtin-rules
Q = $(if $(V),,@)
say = $(if $(V),,@printf '  %-8s %s\n' $(1) $(2))

CPPFLAGS += -I. -I$O -D_GNU_SOURCE
CFLAGS ?= -O2 -g
CFLAGS += -std=gnu11 -Wall -Wextra -Wmissing-prototypes -Wno-missing-field-initializers \
	  $(if $(filter yes,$(WERROR)),-Werror) $(if $(SAN),-fsanitize=$(SAN) -fno-omit-frame-pointer)
LDFLAGS += $(if $(SAN),-fsanitize=$(SAN))
LDLIBS = -lyaml -ljson-c
RUNTIME_LIBS = -lbpf -lelf -lz -lnettle -lresolv
SYMBOLIZE_LIBS = -lelf -lz -lzstd -llzma -liberty
STATIC ?= $(if $(SAN),no,yes)
static = $(if $(filter yes,$(STATIC)),-static-pie)
BPF_CFLAGS = -g -O2 -target bpf -mcpu=v3 -Wall -I. \
	     -I/usr/include/$(shell $(CC) -print-multiarch)

# Sources, in the order in which a policy meets them.
SCHEMA = $(filter-out schema/generate.c,$(sort $(wildcard schema/*.c)))
COMPILER = $(SCHEMA) $(foreach room,base syntax expression policy intent selector explain object tables link image kernel inspect events simulation,\
	     $(sort $(wildcard compiler/$(room)/*.c))) $(sort $(wildcard compiler/*.c))
TEMPLATES = $(sort $(wildcard bpf-templates/*.bpf.c))
RUNTIME = $(sort $(wildcard runtime/*.c))
SYMBOLIZE = $(sort $(wildcard symbolize/*.c))
COMMANDS = $(sort $(wildcard cmd/*.c))

SKELETONS = $(TEMPLATES:%.bpf.c=$O/%.skel.h)
objects = $(1:%.c=$O/%.o)

all: $O/tetra

# Every build asks once whether what it needs is there; the answer names the packages.
$O/.packages: tests/packages.tsv tests/install-packages
	$Qmkdir -p $O
	$QINSTALL=no tests/install-packages build || { \
	  echo "run 'tests/install-packages build' (or 'make demo'), then make again" >&2; exit 1; }
	$Qtouch $@

$O/tetra: $(call objects,$(COMMANDS)) $O/libruntime.a $O/libsymbolize.a $O/libcompiler.a
	$(call say,LD,$@)
	$Q$(CC) $(CFLAGS) $(LDFLAGS) $(static) -o $@ $^ $(LDLIBS) $(RUNTIME_LIBS) $(SYMBOLIZE_LIBS)
$O/libcompiler.a: $(call objects,$(COMPILER))
$O/libruntime.a: $(call objects,$(RUNTIME))
$O/libsymbolize.a: $(call objects,$(SYMBOLIZE))
$O/lib%.a:
	$(call say,AR,$@)
	$Qrm -f $@ && ar rcsD $@ $^

$O/%.o: %.c | $O/.packages
	$(call say,CC,$<)
	$Qmkdir -p $(@D)
	$Q$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

# Scripts that tetra prints, as strings for it.
SCRIPTS = $(patsubst %,$O/%.h,$(wildcard cmd/completion/tetra.*))
$(SCRIPTS): $O/%.h: %
	$Qmkdir -p $(@D)
	$Qsed 's/[\\"]/\\&/g; s/.*/"&\\n"/' $< >$@
$O/cmd/completion.o: $(SCRIPTS)

# What tetra init writes, as strings: text_TOPIC.
$O/cmd/init/texts.h: $(sort $(wildcard cmd/init/*.yaml))
	$Qmkdir -p $(@D)
	$Qfor text in $^; do name=$${text##*/}; \
		echo "static const char text_$${name%.yaml}[] ="; sed 's/[\\"]/\\&/g; s/.*/"&\\n"/' $$text; echo ';'; done >$@
$O/cmd/init.o: $O/cmd/init/texts.h

$(call objects,$(RUNTIME)): | $(SKELETONS)
$O/%.bpf.o: %.bpf.c | $O/.packages
	$(call say,BPF,$<)
	$Qmkdir -p $(@D)
	$Q$(CLANG) $(BPF_CFLAGS) -MMD -MP -MT $@ -c -o $@ $<
	$Qllvm-strip -g $@ 2>/dev/null || true
$O/%.skel.h: $O/%.bpf.o
	$(call say,SKEL,$@)
	$Q$(BPFTOOL) gen skeleton $< name $(subst -,_,$(notdir $*))_bpf >$@

# ---- generated files, committed ----

$O/generate: $O/schema/generate.o $O/libcompiler.a
	$(call say,LD,$@)
	$Q$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LDLIBS)
generate: $O/generate
	$Q$O/generate schema/generated
check-generated: $O/generate
	$Qtests/check-generated $O/generate

# ---- tests ----

UNITS = $(patsubst %.c,$O/%,$(sort $(wildcard tests/unit/test_*.c)))
UNIT_ROOM = $(patsubst %.c,$O/%.o,$(filter-out tests/unit/test_%.c,$(wildcard tests/unit/*.c)))
$O/tests/unit/test_symbolized_stacks: $(patsubst %,$O/cmd/symbolize_%.o,stacks telling worker text)
$O/tests/unit/%: $O/tests/unit/%.o $(UNIT_ROOM) $O/libruntime.a $O/libsymbolize.a $O/libcompiler.a
	$(call say,LD,$@)
	$Q$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $(filter %.o,$^) $(filter %.a,$^) $(LDLIBS) -lcmocka $(RUNTIME_LIBS) $(SYMBOLIZE_LIBS)
$O/tests/unit/test_process_find: LDFLAGS += -Wl,--wrap=bpf_map_lookup_elem

# Programs of the tests: NAME from tests/ROOM/NAME.c and what else its room shares.
BPF_TEST_ROOM = $(patsubst %.c,$O/%.o,$(filter-out tests/bpf/test_%.c %.bpf.c,$(wildcard tests/bpf/*.c)))
BPF_TESTS = $(patsubst %.c,$O/%,$(wildcard tests/bpf/test_*.c))
VERDICTS = $O/tests/verdicts/native $O/tests/verdicts/kernel
ATTEMPTS_ROOM = $(patsubst %.c,$O/%.o,$(wildcard tests/live/attempts_*.c))
LIVE_PROGRAMS = $(patsubst %.c,$O/%,$(filter-out tests/live/attempts_%.c,$(wildcard tests/live/*.c)))
APPLYING_BENCHES = $O/tests/bench/crowd $O/tests/bench/overload $O/tests/bench/cost/cost
FLOORS = $O/tests/bench/yaml_floor $O/tests/bench/nothing
BENCHES = $O/tests/bench/measure $(FLOORS) $O/tests/bench/compile $O/tests/bench/rules $O/tests/bench/simulate $O/tests/bench/swap $O/tests/bench/events $O/tests/bench/engine/bench \
	  $(APPLYING_BENCHES)
TEST_SKELETONS = $(patsubst %.bpf.c,$O/%.skel.h,$(wildcard tests/*/*.bpf.c tests/*/*/*.bpf.c))
TEST_PROGRAMS = $(BPF_TESTS) $(VERDICTS) $(LIVE_PROGRAMS) $(filter-out $(FLOORS),$(BENCHES))

$(call objects,$(filter-out %.bpf.c,$(wildcard tests/*/*.c tests/*/*/*.c))): | $(SKELETONS) $(TEST_SKELETONS)
$(BPF_TESTS): $(BPF_TEST_ROOM)
$(VERDICTS): $O/tests/verdicts/rows.o
$O/tests/verdicts/kernel: $O/tests/bpf/rig.o
$(APPLYING_BENCHES): $O/tests/bench/applied.o
$O/tests/live/attempts: LDFLAGS += -static	# it is what runs in a root of its own
$O/tests/live/attempts: $(ATTEMPTS_ROOM)
$(TEST_PROGRAMS): %: %.o $O/libruntime.a $O/libcompiler.a
	$(call say,LD,$@)
	$Q$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $(filter %.o,$^) $(filter %.a,$^) $(LDLIBS) $(RUNTIME_LIBS)

# The judge of verdicts, which knows nothing of the compiler, and what asks both.
REFERENCE_PROGRAMS = $(patsubst %,$O/tests/reference/%,differential predicates)
REFERENCE_TESTS = $(patsubst %.c,$O/%,$(wildcard tests/reference/test_*.c)) $(REFERENCE_PROGRAMS)
REFERENCE_ROOM = $(patsubst %.c,$O/%.o,$(filter-out tests/reference/test_%.c tests/reference/differential.c \
		   tests/reference/predicates.c,$(wildcard tests/reference/*.c)))
$(sort $(REFERENCE_PROGRAMS) $(REFERENCE_TESTS)): %: %.o $(REFERENCE_ROOM) $O/libcompiler.a
	$(call say,LD,$@)
	$Q$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LDLIBS)

# Answers of ours, and of libdw, to the same questions.
SYMBOLIZE_PROGRAMS = $O/tests/symbolize/ours $O/tests/symbolize/libdw
$O/tests/symbolize/ours: %: %.o $O/libsymbolize.a $O/libcompiler.a
	$(call say,LD,$@)
	$Q$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LDLIBS) $(SYMBOLIZE_LIBS)
$O/tests/symbolize/libdw: %: %.o
	$(call say,LD,$@)
	$Q$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ -ldw

# What tetra is measured against is linked as tetra is, and needs nothing else.
$(FLOORS): %: %.o
	$(call say,LD,$@)
	$Q$(CC) $(CFLAGS) $(LDFLAGS) $(static) -o $@ $< -lyaml

# Fuzz targets and the compiler beneath them are built by clang, sanitizers on, in a folder of their own.
FUZZERS = $(patsubst tests/fuzz/%.c,$O/fuzz/%,$(sort $(wildcard tests/fuzz/fuzz_*.c)))
FUZZ_PROGRAMS = $O/fuzz/damaged_images
FUZZ_FLAGS = -g -O1 -std=gnu11 -fsanitize=address,undefined -fno-sanitize-recover=undefined
$O/fuzz/objects/%.o: %.c | $O/.packages
	$(call say,FUZZ,$<)
	$Qmkdir -p $(@D)
	$Q$(CLANG) $(CPPFLAGS) $(FUZZ_FLAGS) -fsanitize=fuzzer-no-link -MMD -MP -c -o $@ $<
$O/fuzz/libcompiler.a: $(COMPILER:%.c=$O/fuzz/objects/%.o)
	$(call say,AR,$@)
	$Qrm -f $@ && ar rcsD $@ $^
$(FUZZ_PROGRAMS): $O/fuzz/%: $O/fuzz/objects/tests/fuzz/%.o $O/fuzz/libcompiler.a
	$(call say,LD,$@)
	$Q$(CLANG) $(FUZZ_FLAGS) $(FUZZ_LINK) -o $@ $^ $(LDLIBS)
$O/fuzz/damaged_images $O/fuzz/fuzz_match: FUZZ_LINK = -Wl,--wrap=image_checksum
# Of the runtime only what reads programs on disk.
$O/fuzz/fuzz_elf: $(patsubst %.c,$O/fuzz/objects/%.o,$(wildcard runtime/elf_*.c))
$O/fuzz/fuzz_elf: LDLIBS += -lelf -lz
# Programs in which addresses are looked up, and what is kept of them.
SYMBOLIZE_FUZZERS = $(patsubst %,$O/fuzz/fuzz_%,binary dwarf kept demangle lists)
$O/fuzz/libsymbolize.a: $(SYMBOLIZE:%.c=$O/fuzz/objects/%.o)
	$(call say,AR,$@)
	$Qrm -f $@ && ar rcsD $@ $^
$(SYMBOLIZE_FUZZERS): $O/fuzz/libsymbolize.a
$(SYMBOLIZE_FUZZERS): LDLIBS += $(SYMBOLIZE_LIBS)
$O/fuzz/fuzz_kept: FUZZ_LINK = -Wl,--wrap=cache_checksum
$O/fuzz/fuzz_records: $(patsubst %,$O/fuzz/objects/runtime/%.o,calls event event_chunks)
$O/fuzz/fuzz_%: $O/fuzz/objects/tests/fuzz/fuzz_%.o $O/fuzz/libcompiler.a
	$(call say,LD,$@)
	$Q$(CLANG) $(FUZZ_FLAGS) -fsanitize=fuzzer $(FUZZ_LINK) -o $@ $(filter %.o,$^) $(filter %libsymbolize.a,$^) $(filter-out %libsymbolize.a,$(filter %.a,$^)) $(LDLIBS)

include tests/suites.mk

build-tests: $O/tetra $O/generate $(UNITS) $(FUZZERS) $(FUZZ_PROGRAMS) $(TEST_PROGRAMS) $(REFERENCE_TESTS) $(REFERENCE_PROGRAMS) $(FLOORS) $(SYMBOLIZE_PROGRAMS)

test:
	$Qtests/install-packages build test vm
	$Q$(MAKE) --no-print-directory $(if $(filter -j%,$(MAKEFLAGS)),,-j$(PROCESSORS)) WERROR=yes build-tests
	$Qtests/run -j $(PROCESSORS) -o $O $(PURE_SUITES) -- $(KERNEL_SUITES) $(VM_SUITES)

demo:
	$Qtests/install-packages build
	$Q$(MAKE) --no-print-directory all
	$Qdocs/demo $O/tetra

bench:
	$Qtests/install-packages build
	$Q$(MAKE) --silent --no-print-directory $O/tetra $(BENCHES)
	$Qtests/bench/run $O

# Downloads a gigabyte, if it is not there: VMLINUX=FILE does without.
bench-symbolize:
	$Qtests/install-packages build test $(if $(VMLINUX),,bench)
	$Q$(MAKE) --silent --no-print-directory $O/tetra $(SYMBOLIZE_PROGRAMS)
	$Qtests/bench/symbolize $O $(VMLINUX)
	$Qtests/bench/stream $O $(EVENTS)

# In emulated kernels, some minutes each: BENCH_KERNELS=6.1
bench-vm:
	$Qtests/install-packages build vm
	$Q$(MAKE) --silent --no-print-directory $(BENCHES) $(FLOORS)
	$Qtests/bench/vm $O $(BENCH_KERNELS)

# Each takes a quarter of an hour or more; in an emulated kernel, each of HAMMER_KERNELS, an hour or more.
HAMMER_KERNELS ?= 6.12
hammer: all build-tests
	$QTETRA_SWAPS=10000 tests/live/hammer.sh
hammer-vm: all build-tests
	$Qtests/live/vm $O -o $O/vm/hammer -t 14400 $(HAMMER_KERNELS:%=-k %) -a 'TETRA_LIVE_SCRIPTS=hammer TETRA_SWAPS=10000'
walk: all build-tests
	$QTETRA_WALK=all tests/live/walk.sh

check-headers:
	$QCC="$(CC)" CPPFLAGS="$(CPPFLAGS)" tests/check-headers
check-layers:
	$Qtests/check-layers

fuzz: $(FUZZERS) $(FUZZ_PROGRAMS)
	$QSECONDS_EACH=$(or $(SECONDS_EACH),60) tests/fuzz/run $O/fuzz

SHARE = $(DESTDIR)$(PREFIX)/share/tetra
install: all install-schemas install-manual install-completions install-unit
	install -D -m 0755 $O/tetra $(DESTDIR)$(PREFIX)/bin/tetra
	cp -R policy-library $(SHARE)/

# Those in cilium.io are where tools look that find a schema by apiVersion and kind.
TETRA ?= $O/tetra
install-schemas: $(TETRA)
	install -d $(SHARE)/cilium.io
	install -m 0644 schema/generated/tracingpolicy.schema.json schema/generated/tracingpolicy.crd.yaml $(SHARE)
	$(TETRA) schema --kind=TracingPolicy >$(SHARE)/cilium.io/tracingpolicy_v1alpha1.json
	$(TETRA) schema --kind=TracingPolicyNamespaced >$(SHARE)/cilium.io/tracingpolicynamespaced_v1alpha1.json

MANUAL = $(DESTDIR)$(PREFIX)/share/man
install-manual: $(TETRA)
	install -d $(MANUAL)/man1 $(MANUAL)/man5
	pages=$$($(TETRA) man --list) && for page in $$pages; do \
		$(TETRA) man $$page >$(MANUAL)/man$${page##*.}/$$page || exit 1; done

# In the folders where each shell looks for those of others.
COMPLETIONS = bash-completion/completions/tetra zsh/site-functions/_tetra fish/vendor_completions.d/tetra.fish
install-completions: $(TETRA)
	for file in $(COMPLETIONS); do \
		install -d $(DESTDIR)$(PREFIX)/share/$${file%/*} && \
		$(TETRA) completion $${file%%[-/]*} >$(DESTDIR)$(PREFIX)/share/$$file || exit 1; done

UNITS_FOLDER = $(DESTDIR)$(PREFIX)/lib/systemd/system
install-unit:
	install -d $(UNITS_FOLDER)
	for unit in tetra tetra-workloads; do \
		sed 's|@PREFIX@|$(PREFIX)|g' systemd/$$unit.service.in >$(UNITS_FOLDER)/$$unit.service || exit 1; done

clean:
	rm -rf $O

.PHONY: all generate check-generated build-tests test demo bench bench-vm bench-symbolize check-headers check-layers fuzz install install-schemas install-manual \
	install-completions install-unit hammer hammer-vm walk clean
-include $(shell find $O -name '*.d' 2>/dev/null)
