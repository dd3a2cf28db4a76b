/* The other file of one.c. */
int shared(int number);
int given(int number);
int never_called(int number);

static int helper(int number)
{
	return number * 3 + given(number);
}

int shared(int number)
{
	return helper(number) - helper(number + 1);
}

__attribute__((noinline)) int given(int number)
{
	__asm__ volatile("" : "+r"(number));
	return number;
}

/* A linker that drops what is not called leaves its debug information. */
int never_called(int number)
{
	int sum = 0;

	for (int n = 0; n < number; n++)
		sum += helper(n) * given(sum);
	return sum;
}
