# SPDX-License-Identifier: Apache-2.0
# What `make test` runs, in order: cheap and pure first, then the running kernel, virtual machines last.
PURE_SUITES = tests/run-selftest tests/check-layers tests/check-headers tests/check-generated tests/check-matrix $(UNITS) \
	      tests/golden/run tests/rejects/run tests/check-deviations tests/policy-library tests/corpus-parity tests/corpus-explain \
	      $(filter-out %/lib.sh,$(wildcard tests/cli/*.sh)) tests/schema/run tests/tutorial/run tests/symbolize/variants \
	      $O/tests/verdicts/native $(REFERENCE_TESTS) tests/reference/plain $(FUZZ_PROGRAMS) tests/fuzz/run
KERNEL_SUITES = $(BPF_TESTS) $O/tests/verdicts/kernel $(filter-out %/lib.sh,$(wildcard tests/live/*.sh))
VM_SUITES = tests/vm/test-machine tests/verdicts/vm tests/bpf/vm tests/live/vm
SUITES = $(PURE_SUITES) $(KERNEL_SUITES) $(VM_SUITES)
