#include "reprise/experiments/figure/figure_layout.hpp"

#include "reprise/core/error.hpp"
#include "reprise/core/number_text.hpp"

namespace reprise {

void check_drawable(const std::string& what, double number) {
  constexpr double largest = 1e307;
  if (std::abs(number) <= largest) return;
  throw InputError("figure: " + what + " is " + shortest(number) +
                   ", and only numbers up to 1e307 can be drawn");
}

Extent range_of(const std::vector<FigureTrace>& traces, Coordinate coordinate) {
  const bool of_x = coordinate == Coordinate::x;
  const FigurePoint& first = traces.front().points.front();
  Extent range{of_x ? first.x : first.y, of_x ? first.x : first.y};
  for (const FigureTrace& trace : traces) {
    for (const FigurePoint& p : trace.points) {
      range.include(of_x ? p.x : p.y - p.error);
      range.include(of_x ? p.x : p.y + p.error);
    }
  }
  return range;
}

double smallest_spacing(const std::vector<FigureTrace>& traces) {
  double smallest = 0;
  for (const FigureTrace& trace : traces) {
    for (std::size_t i = 1; i < trace.points.size(); ++i) {
      const double distance = trace.points[i].x - trace.points[i - 1].x;
      if (smallest == 0 || distance < smallest) smallest = distance;
    }
  }
  return smallest;
}

std::vector<double> spread_labels(const std::vector<double>& wanted, double spacing,
                                  double height) {
  std::vector<std::size_t> order(wanted.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return wanted[a] < wanted[b]; });
  // Groups that touch are placed as one around their mean, until none touch.
  struct Group {
    double centre_sum;
    std::size_t size;
    double centre() const { return centre_sum / static_cast<double>(size); }
  };
  std::vector<Group> groups;
  const auto half = [&](const Group& g) { return 0.5 * spacing * static_cast<double>(g.size); };
  const auto clamped = [&](const Group& g) {
    return std::clamp(g.centre(), std::min(half(g), 0.5 * height),
                      std::max(height - half(g), 0.5 * height));
  };
  for (const std::size_t i : order) {
    groups.push_back({wanted[i], 1});
    while (groups.size() > 1) {
      const Group& last = groups.back();
      Group& before = groups[groups.size() - 2];
      if (clamped(last) - half(last) >= clamped(before) + half(before)) break;
      before = {before.centre_sum + last.centre_sum, before.size + last.size};
      groups.pop_back();
    }
  }
  std::vector<double> placed(wanted.size());
  std::size_t next = 0;
  for (const Group& group : groups) {
    const double bottom = clamped(group) - half(group) + 0.5 * spacing;
    for (std::size_t i = 0; i < group.size; ++i) {
      placed[order[next++]] = bottom + spacing * static_cast<double>(i);
    }
  }
  return placed;
}

}  // namespace reprise
