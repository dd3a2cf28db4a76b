/* Inlined calls in inlined calls, in blocks, in a function within a function; one that is cold; with two.c what is inlined across files. */
int shared(int number);
int given(int number);

static inline int inner(int number)
{
	return given(number) + 1;
}

static inline int middle(int number)
{
	if (number > 2) {
		int twice = inner(number);

		return twice + inner(twice);
	}
	return inner(number - 1);
}

__attribute__((cold, noinline)) int rare(int number)
{
	return middle(number) + shared(number);
}

__attribute__((noinline)) int outer(int number)
{
	int within(int other)
	{
		return given(other + number) + middle(other);
	}
	int sum = middle(number + 1) + middle(number * 2) + within(number);

	for (int n = 0; n < number; n++) {
		int part = inner(sum + n);

		sum += part;
	}
	if (sum > 100)
		sum += rare(sum);
	return sum;
}

int main(int count, char **words)
{
	(void)words;
	return outer(count) + shared(count);
}
