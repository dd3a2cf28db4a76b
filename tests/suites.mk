# SPDX-License-Identifier: Apache-2.0
# What `make test` runs: first what is pure, as many suites at a time as there are processors, beginning with the one that takes longest;
# then one after the other those of the running kernel, and virtual machines last.
PURE_SUITES = tests/fuzz/run tests/run-selftest tests/check-layers tests/check-headers tests/check-generated tests/check-matrix $(UNITS) \
	      tests/golden/run tests/rejects/run tests/check-deviations tests/policy-library tests/corpus-parity tests/corpus-explain \
	      $(filter-out %/lib.sh,$(wildcard tests/cli/*.sh)) tests/schema/run tests/tutorial/run tests/symbolize/variants \
	      $O/tests/verdicts/native $(REFERENCE_TESTS) tests/reference/plain $(FUZZ_PROGRAMS)
KERNEL_SUITES = $(BPF_TESTS) $O/tests/verdicts/kernel $(filter-out %/lib.sh,$(wildcard tests/live/*.sh))
VM_SUITES = tests/vm/test-machine tests/verdicts/vm tests/bpf/vm tests/systemd/vm tests/live/vm tests/live/vm-without-lsm
