#include "reprise/core/nearest_name.hpp"

#include <algorithm>
#include <cctype>
#include <limits>
#include <vector>

namespace reprise {

namespace {

// Slips of the hand count half: a wrong case, two letters swapped.
constexpr int edit_cost = 2;
constexpr int case_cost = 1;
constexpr int swap_cost = 1;

int replacement_cost(char a, char b) {
  if (a == b) return 0;
  const auto lower = [](char c) { return std::tolower(static_cast<unsigned char>(c)); };
  return lower(a) == lower(b) ? case_cost : edit_cost;
}

// Optimal string alignment distance, three rows at a time.
int distance(std::string_view a, std::string_view b) {
  std::vector<int> before(b.size() + 1), last(b.size() + 1), current(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) current[j] = edit_cost * static_cast<int>(j);
  for (std::size_t i = 1; i <= a.size(); ++i) {
    before.swap(last);
    last.swap(current);
    current[0] = edit_cost * static_cast<int>(i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      current[j] = std::min({last[j] + edit_cost, current[j - 1] + edit_cost,
                             last[j - 1] + replacement_cost(a[i - 1], b[j - 1])});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        current[j] = std::min(current[j], before[j - 2] + swap_cost);
      }
    }
  }
  return current[b.size()];
}

}  // namespace

std::string_view nearest_name(std::string_view name, std::span<const std::string_view> known) {
  std::string_view nearest;
  int smallest = std::numeric_limits<int>::max();
  for (const std::string_view candidate : known) {
    const int edits = distance(name, candidate);
    if (edits < smallest) {
      smallest = edits;
      nearest = candidate;
    }
  }
  return nearest;
}

std::string_view near_name(std::string_view name, std::span<const std::string_view> known) {
  const std::string_view nearest = nearest_name(name, known);
  const auto longer = static_cast<int>(std::max(name.size(), nearest.size()));
  const int allowed = std::max(case_cost, edit_cost * (longer - 1) / 3);
  return distance(name, nearest) <= allowed ? nearest : std::string_view();
}

std::string did_you_mean(std::string_view name, std::span<const std::string_view> known,
                         std::span<const UsualName> usual) {
  std::string_view meant = near_name(name, known);
  for (const auto& [elsewhere, here] : usual) {
    if (elsewhere == name) meant = here;
  }
  return meant.empty() ? "" : ", did you mean " + std::string(meant) + "?";
}

}  // namespace reprise
