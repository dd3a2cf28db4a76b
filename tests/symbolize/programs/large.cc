// A program that is large because of what it is made of: 72 instances of one class that uses much of the standard library, in three files (PART=0, 1, 2).
#include <regex>
#include <map>
#include <algorithm>
#include <iostream>
#include <sstream>
#include <unordered_map>
#include <functional>
#include <string>
#include <vector>
#include <memory>
#include <future>
#include <random>
#include <filesystem>
#include <variant>
template<int N> struct Piece {
  static std::string run(const std::string &text) {
    std::map<std::string, std::vector<int>> counts; std::unordered_map<std::string, std::shared_ptr<int>> shared;
    std::regex words("([a-z]+)([0-9]{1,3})?(x|y" + std::to_string(N) + ")*");
    for (std::sregex_iterator it(text.begin(), text.end(), words), end; it != end; ++it) {
      counts[it->str()].push_back(N); shared[it->str()] = std::make_shared<int>(N); }
    std::vector<std::pair<std::string, std::vector<int>>> sorted(counts.begin(), counts.end());
    std::stable_sort(sorted.begin(), sorted.end(), [](const auto &a, const auto &b) { return a.second.size() + N > b.second.size(); });
    std::ostringstream out; for (auto &p : sorted) out << p.first << p.second.size();
    std::variant<int, std::string, std::vector<std::string>> v; if (N % 3 == 0) v = out.str(); else if (N % 3 == 1) v = N; else v = std::vector<std::string>{out.str()};
    std::function<int(int)> f = [&](int x) { struct Local { int m(int y) { return y * N; } } l; return l.m(x) + (int)v.index(); };
    std::mt19937 g(N); std::vector<int> nums(100); std::generate(nums.begin(), nums.end(), [&] { return (int)g() + f(N); });
    std::partial_sort(nums.begin(), nums.begin() + 10, nums.end(), std::greater<int>());
    try { return std::visit([](auto &&x) { std::ostringstream o; if constexpr (std::is_same_v<std::decay_t<decltype(x)>, std::vector<std::string>>) o << x.size(); else o << x; return o.str(); }, v); }
    catch (const std::exception &e) { return e.what(); }
  } };
template<int... I> void all(std::integer_sequence<int, I...>, const std::string &t) { ((std::cout << Piece<I + (PART * 24)>::run(t)), ...); }
#define NAME_OF(part) part_##part
#define NAME(part) NAME_OF(part)
void NAME(PART)(const std::string &t) { all(std::make_integer_sequence<int, 24>(), t); std::cout << std::filesystem::current_path(); }
#if PART == 0
void part_1(const std::string &text);
void part_2(const std::string &text);

int main(int, char **words)
{
	part_0(words[0]);
	part_1(words[0]);
	part_2(words[0]);
}
#endif
