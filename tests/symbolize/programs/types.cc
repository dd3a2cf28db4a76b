// Methods, templates, lambdas, a class within a function, namespaces, exceptions: entries that lie in types and blocks.
#include <algorithm>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

namespace outer_space {
namespace {
template <typename Value> inline Value larger(Value one, Value other)
{
	return one < other ? other : one;
}
}

struct Shape {
	explicit Shape(int size) : size(size) {}
	virtual ~Shape() = default;
	virtual int area() const { return size * size; }
	static int count(const std::vector<Shape *> &shapes);
	int size;
};

struct Circle : Shape {
	using Shape::Shape;
	int area() const override { return larger(size, 2) * 3; }
};

int Shape::count(const std::vector<Shape *> &shapes)
{
	struct Local {
		int add(const Shape *shape)
		{
			return sum += shape->area();
		}
		int sum = 0;
	} local;

	std::for_each(shapes.begin(), shapes.end(), [&](const Shape *shape) { local.add(shape); });
	return local.sum;
}
}

static std::map<std::string, int> words(const std::string &text)
{
	std::map<std::string, int> found;
	std::string word;

	for (char letter : text) {
		if (letter != ' ') {
			word += letter;
			continue;
		}
		found[word]++;
		word.clear();
	}
	if (found.empty())
		throw std::runtime_error("no words in " + text);
	return found;
}

int main(int count, char **arguments)
{
	outer_space::Circle circle(count);
	outer_space::Shape shape(count + 1);
	std::vector<outer_space::Shape *> shapes = { &circle, &shape };

	try {
		return outer_space::Shape::count(shapes) + static_cast<int>(words(arguments[0]).size());
	} catch (const std::exception &) {
		return outer_space::larger<int>(count, 1);
	}
}
