#include "reprise/experiments/figure/figure_layout.hpp"

#include "reprise/core/error.hpp"
#include "reprise/core/number_text.hpp"

namespace reprise {

std::size_t n_letters(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(
      text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

std::size_t prefix_of_letters(std::string_view text, std::size_t n) {
  std::size_t end = 0;
  while (end < text.size()) {
    const bool begins = (static_cast<unsigned char>(text[end]) & 0xC0U) != 0x80U;
    if (begins && n-- == 0) break;
    ++end;
  }
  return end;
}

namespace {

std::string with_minus(const std::string& text) {
  return text.starts_with('-') ? "−" + text.substr(1) : text;
}

std::string power_of_ten(int exponent) {
  return "10^{" + with_minus(std::to_string(exponent)) + "}";
}

std::string tick_label(double value) {
  if (value == 0) return "0";
  const int exponent = static_cast<int>(std::floor(std::log10(std::abs(value)) + 1e-9));
  if (exponent >= -3 && exponent < 5) return with_minus(rounded(value, 10));
  const std::string mantissa = rounded(value / std::pow(10.0, exponent), 6);
  if (mantissa == "1") return power_of_ten(exponent);
  return with_minus(mantissa) + "×" + power_of_ten(exponent);
}

/// How long a label is, in letters of full size; markup and exponents are less.
double label_letters(const std::string& label) {
  const std::size_t power = label.find("^{");
  if (power == std::string::npos) return static_cast<double>(n_letters(label));
  return static_cast<double>(power) + 0.8 * static_cast<double>(n_letters(label) - power - 3);
}

/// Whether the labels stand apart.
bool have_room(const PlotAxis& axis, const std::vector<Tick>& labelled) {
  constexpr double letter = 0.15, between = 0.22, line = 0.42;
  const auto place = [&](double v) { return axis.scale == Scale::log ? std::log10(v) : v; };
  const double cm = axis.length / (place(axis.range.high) - place(axis.range.low));
  for (std::size_t i = 1; i < labelled.size(); ++i) {
    const double distance = cm * (place(labelled[i].place) - place(labelled[i - 1].place));
    const double needed =
        axis.is_horizontal
            ? 0.5 * letter *
                      (label_letters(labelled[i].label) + label_letters(labelled[i - 1].label)) +
                  between
            : line;
    if (distance < needed) return false;
  }
  return true;
}

bool is_inside(const PlotAxis& axis, double value) {
  const double slack = axis.scale == Scale::log ? 0 : 1e-9 * (axis.range.high - axis.range.low);
  const double factor = axis.scale == Scale::log ? 1 + 1e-9 : 1;
  return value * factor >= axis.range.low - slack && value <= axis.range.high * factor + slack;
}

/// Multiples of 1, 2 or 5 times a power of ten.
std::vector<Tick> even_ticks(const PlotAxis& axis) {
  const double span = axis.range.high - axis.range.low;
  std::vector<Tick> best;
  if (!(span > 0)) return best;
  const int first = static_cast<int>(std::floor(std::log10(span))) - 2;
  for (int power = first; power < first + 5; ++power) {
    for (const double factor : {1.0, 2.0, 5.0}) {
      const double step = factor * std::pow(10.0, power);
      if (axis.is_whole && step < 1 - 1e-9) continue;
      if (span / step > 12) continue;
      std::vector<Tick> found;
      for (double k = std::ceil(axis.range.low / step - 1e-9);
           k * step <= axis.range.high + 1e-9 * span; ++k) {
        found.push_back({k * step, tick_label(k * step)});
      }
      if (found.size() < 2) return best.empty() ? found : best;
      if (have_room(axis, found)) return found;
      best = std::move(found);  // too dense, but better than one
    }
  }
  return best;
}

/// Powers of ten, every so manieth with a label.
std::vector<Tick> decade_ticks(const PlotAxis& axis, int low, int high) {
  for (const int stride : {1, 2, 3, 4, 5, 10, 20, 50, 100, 200}) {
    std::vector<Tick> all, labelled;
    for (int e = low; e <= high; ++e) {
      const bool has_label = e % stride == 0;
      all.push_back({std::pow(10.0, e), has_label ? power_of_ten(e) : "", !has_label});
      if (has_label) labelled.push_back(all.back());
    }
    if (!have_room(axis, labelled)) continue;
    if (stride == 1) {
      for (int e = low - 1; e <= high; ++e) {
        for (int digit = 2; digit <= 9; ++digit) {
          const double value = digit * std::pow(10.0, e);
          if (is_inside(axis, value)) all.push_back({value, "", true});
        }
      }
    }
    return all;
  }
  return {};
}

}  // namespace

std::vector<Tick> ticks(const PlotAxis& axis) {
  if (axis.scale != Scale::log) return even_ticks(axis);
  const int low = static_cast<int>(std::ceil(std::log10(axis.range.low) - 1e-9));
  const int high = static_cast<int>(std::floor(std::log10(axis.range.high) + 1e-9));
  if (high - low >= 2) return decade_ticks(axis, low, high);
  for (const std::vector<int>& digits :
       {std::vector<int>{1, 2, 3, 4, 5, 6, 7, 8, 9}, std::vector<int>{1, 2, 5},
        std::vector<int>{1, 3}, std::vector<int>{1}}) {
    std::vector<Tick> all, labelled;
    for (int e = low - 1; e <= high; ++e) {
      for (int digit = 1; digit <= 9; ++digit) {
        const double value = digit * std::pow(10.0, e);
        if (!is_inside(axis, value)) continue;
        const bool has_label = std::ranges::find(digits, digit) != digits.end();
        all.push_back({value, has_label ? tick_label(value) : "", !has_label});
        if (has_label) labelled.push_back(all.back());
      }
    }
    if (labelled.size() >= 2 && labelled.size() <= 7 && have_room(axis, labelled)) return all;
  }
  return even_ticks(axis);
}

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

Extent with_ends(Extent range, const std::optional<FigureAxisKeys>& keys) {
  if (!keys) return range;
  return {keys->from.value_or(range.low), keys->to.value_or(range.high)};
}

void check_ends(Extent range, const char* axis) {
  if (range.low < range.high) return;
  throw InputError(std::string("figure.") + axis + ": there are no values from " +
                   shortest(range.low) + " to " + shortest(range.high));
}

std::optional<Extent> log_range_of(const std::vector<FigureTrace>& traces) {
  constexpr double decades = 1e8;
  double low = INFINITY, high = 0;
  for (const FigureTrace& trace : traces) {
    for (const FigurePoint& p : trace.points) {
      if (p.y == 0) continue;
      low = std::min(low, std::abs(p.y));
      high = std::max(high, std::abs(p.y));
    }
  }
  if (!(high > 0)) return std::nullopt;
  return Extent{std::max(low, high / decades), high};
}

double smallest_spacing(const std::vector<FigureTrace>& traces, Scale scale) {
  const auto place = [&](double x) { return scale == Scale::log ? std::log10(x) : x; };
  double smallest = 0;
  for (const FigureTrace& trace : traces) {
    for (std::size_t i = 1; i < trace.points.size(); ++i) {
      const double distance = place(trace.points[i].x) - place(trace.points[i - 1].x);
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
