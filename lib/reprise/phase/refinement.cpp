#include "reprise/phase/refinement.hpp"

#include <algorithm>
#include <set>

namespace reprise {

namespace {

using Known = std::map<Sites, std::optional<Side>>;
using KnownPoint = Known::value_type;

// Every combination of one site from each list, the last list fastest.
void for_each_combination(const std::vector<std::vector<std::int64_t>>& lists,
                          const std::function<void(const Sites&)>& visit) {
  Sites sites;
  const std::function<void(std::size_t)> choose = [&](std::size_t axis) {
    if (axis == lists.size()) return visit(sites);
    for (const std::int64_t site : lists[axis]) {
      sites.push_back(site);
      choose(axis + 1);
      sites.pop_back();
    }
  };
  choose(0);
}

// A box of sites, both ends included; of one site along axes that are not refined.
struct Cell {
  Sites low, high;

  bool contains(const Sites& sites) const {
    for (std::size_t a = 0; a < sites.size(); ++a) {
      if (sites[a] < low[a] || sites[a] > high[a]) return false;
    }
    return true;
  }
};

class Search {
 public:
  explicit Search(const Known& known) : known_(known) {}

  // `near` has every known point of the cell.
  void visit(const Cell& cell, const std::vector<const KnownPoint*>& near) {
    std::vector<const KnownPoint*> inside;
    bool has_below = false, has_above = false;
    for (const KnownPoint* point : near) {
      if (!cell.contains(point->first)) continue;
      inside.push_back(point);
      has_below |= point->second == Side::below;
      has_above |= point->second == Side::above;
    }
    if (!has_below || !has_above) return;
    divide(cell, inside);
  }

  std::set<Sites> missing;

 private:
  void divide(const Cell& cell, const std::vector<const KnownPoint*>& inside) {
    std::vector<std::vector<std::int64_t>> sites, starts;
    bool is_divided = false;
    for (std::size_t a = 0; a < cell.low.size(); ++a) {
      const std::int64_t low = cell.low[a], high = cell.high[a];
      const std::int64_t middle = low + (high - low) / 2;
      const bool halves = high - low > 1;
      is_divided |= halves;
      starts.push_back(halves ? std::vector{low, middle} : std::vector{low});
      if (halves) {
        sites.push_back({low, middle, high});
      } else if (high > low) {
        sites.push_back({low, high});
      } else {
        sites.push_back({low});
      }
    }
    if (!is_divided) return;
    bool is_complete = true;
    for_each_combination(sites, [&](const Sites& point) {
      if (known_.contains(point)) return;
      missing.insert(point);
      is_complete = false;
    });
    if (!is_complete) return;
    for_each_combination(starts, [&](const Sites& low) {
      Cell half{low, low};
      for (std::size_t a = 0; a < low.size(); ++a) {
        const std::int64_t width = cell.high[a] - cell.low[a];
        half.high[a] += width > 1 ? width / 2 : width;
      }
      visit(half, inside);
    });
  }

  const Known& known_;
};

// The cells of the grid: between neighbours along refined axes, single values along the others.
std::vector<Cell> cells_of_grid(const std::vector<Axis>& axes) {
  std::vector<std::vector<std::int64_t>> starts(axes.size());
  for (std::size_t a = 0; a < axes.size(); ++a) {
    const std::int64_t end = axes[a].depth > 0 ? axes[a].n_values() - 1 : axes[a].n_values();
    for (std::int64_t i = 0; i < end; ++i) starts[a].push_back(i * axes[a].spacing());
  }
  std::vector<Cell> cells;
  for_each_combination(starts, [&](const Sites& low) {
    Cell cell{low, low};
    for (std::size_t a = 0; a < axes.size(); ++a) {
      if (axes[a].depth > 0) cell.high[a] += axes[a].spacing();
    }
    cells.push_back(cell);
  });
  return cells;
}

// The known points of each of those cells, by its low corner; a point on a face is in both.
std::map<Sites, std::vector<const KnownPoint*>> by_cell(const std::vector<Axis>& axes,
                                                        const Known& known) {
  std::map<Sites, std::vector<const KnownPoint*>> cells;
  for (const KnownPoint& point : known) {
    std::vector<std::vector<std::int64_t>> lows(axes.size());
    for (std::size_t a = 0; a < axes.size(); ++a) {
      const std::int64_t site = point.first[a], spacing = axes[a].spacing();
      const bool is_refined = axes[a].depth > 0;
      if (!is_refined || site < axes[a].last_site()) lows[a].push_back(site / spacing * spacing);
      if (is_refined && site % spacing == 0 && site > 0) lows[a].push_back(site - spacing);
    }
    for_each_combination(lows, [&](const Sites& low) { cells[low].push_back(&point); });
  }
  return cells;
}

}  // namespace

std::vector<Sites> grid(const std::vector<Axis>& axes) {
  std::vector<std::vector<std::int64_t>> sites(axes.size());
  for (std::size_t a = 0; a < axes.size(); ++a) {
    for (std::int64_t i = 0; i < axes[a].n_values(); ++i) {
      sites[a].push_back(i * axes[a].spacing());
    }
  }
  std::vector<Sites> points;
  for_each_combination(sites, [&](const Sites& point) { points.push_back(point); });
  return points;
}

std::vector<Sites> missing_points(const std::vector<Axis>& axes, const Known& known) {
  std::vector<Sites> missing;
  for (const Sites& point : grid(axes)) {
    if (!known.contains(point)) missing.push_back(point);
  }
  const bool is_refined =
      std::any_of(axes.begin(), axes.end(), [](const Axis& axis) { return axis.depth > 0; });
  if (!missing.empty() || !is_refined) return missing;
  Search search(known);
  const std::map<Sites, std::vector<const KnownPoint*>> points = by_cell(axes, known);
  for (const Cell& cell : cells_of_grid(axes)) search.visit(cell, points.at(cell.low));
  return {search.missing.begin(), search.missing.end()};
}

}  // namespace reprise
