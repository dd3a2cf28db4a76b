// SPDX-License-Identifier: Apache-2.0
// A program that needs a shared library, to show that the test machines provide them.
#include <stdio.h>

int main(void)
{
	return puts("hello") < 0;
}
