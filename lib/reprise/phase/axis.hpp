// An axis of a sweep: a list of values, and the values halfway between them where it is refined.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "reprise/core/described.hpp"

namespace reprise {

/// How values between two neighbours are found.
enum class Scale {
  linear,
  log,    ///< all values > 0
  names,  ///< none are: the values are words, or have no order
};
std::string_view name(Scale scale);
/// The scales that a file names; an axis of words needs none.
template <>
struct Names<Scale> {
  static constexpr std::pair<Scale, std::string_view> all[] = {{Scale::linear, "linear"},
                                                               {Scale::log, "log"}};
};

/// The number a fraction of the way from a to b on the scale.
double between(double a, double b, double fraction, Scale scale);

/// `count` >= 2 values from `from` to `to`, both included; the ends are exact, the others have 14
/// digits.
/// Throws InputError if the values are not finite, equal, or not > 0 on the log scale.
std::vector<double> range_values(double from, double to, std::int64_t count, Scale scale);

/// What one key takes along an axis.
struct AxisKey {
  std::string key;  ///< "training.learning_rate"; a variable has no dot
  Scale scale = Scale::linear;
  bool is_whole = false;                ///< values are rounded to whole numbers
  std::vector<double> numbers;          ///< (n); 0, 1, ... for names
  std::vector<std::string> names = {};  ///< (n) for names, else empty
  std::string origin = {};              ///< where it was written, "file:12"

  bool is_variable() const { return key.find('.') == std::string::npos; }
};

/// Keys that vary together, the first of which gives the axis its name and positions.
struct Axis {
  std::vector<AxisKey> keys;
  int depth = 0;  ///< a gap is halved this often where it is refined

  const AxisKey& first() const { return keys.front(); }
  const std::string& name() const { return first().key; }
  bool is_numeric() const { return first().scale != Scale::names; }
  std::int64_t n_values() const { return static_cast<std::int64_t>(first().numbers.size()); }
  /// Sites are counted in the smallest steps: listed value v is site v 2^depth.
  std::int64_t spacing() const { return std::int64_t{1} << depth; }
  std::int64_t last_site() const { return (n_values() - 1) * spacing(); }
  bool is_listed(std::int64_t site) const { return site % spacing() == 0; }
  /// The number of a key there: listed, or between its neighbours on its scale.
  double number(const AxisKey& key, std::int64_t site) const;
  double position(std::int64_t site) const { return number(first(), site); }
  /// The value there as people read it.
  std::string label(const AxisKey& key, std::int64_t site) const;
  std::string label(std::int64_t site) const { return label(first(), site); }
};

/// An axis of one key with these numbers, divided down to `resolution` as below (0: not).
Axis numeric_axis(std::string name, std::vector<double> numbers, Scale scale = Scale::linear,
                  double resolution = 0);

/// The halvings after which no gap is wider than `resolution`: a difference on the linear scale, a
/// ratio minus one on the log scale. Throws InputError if it takes more than 40.
int depth_for(const AxisKey& key, double resolution);

}  // namespace reprise
