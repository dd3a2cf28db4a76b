// SPDX-License-Identifier: Apache-2.0
/* nothing.c - what any process costs. */
int main(void)
{
	return 0;
}
