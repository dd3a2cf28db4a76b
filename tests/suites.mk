# SPDX-License-Identifier: Apache-2.0
# What `make test` runs, in order: cheap and pure first, virtual machines last.
SUITES = tests/run-selftest tests/check-layers tests/check-headers $(UNITS) \
	 tests/vm/test-machine tests/vm/test-harness
