#include <cmath>

#include "reprise/core/error.hpp"
#include "reprise/core/hash.hpp"
#include "reprise/core/number_text.hpp"
#include "reprise/core/random.hpp"
#include "reprise/io/formula.hpp"
#include "reprise/io/override.hpp"
#include "reprise/io/sweep.hpp"
#include "reprise/io/vocabulary.hpp"

namespace reprise {

namespace {

// A hash alone would give neighbouring points related seeds.
std::uint64_t seed_from(std::uint64_t seed, std::string_view text) {
  constexpr std::uint64_t sweep_purpose = 1'000;
  const std::uint64_t word = threefry({fnv1a(text), sweep_purpose}, {seed, 0})[0];
  return word >> 11U;  // 53 bits: TOML, JSON and people read it back
}

DocumentValue number_value(double number, const std::string& origin) {
  DocumentValue value;
  value.kind = DocumentValue::Kind::real;
  value.origin = origin;
  value.real = number;
  return value;
}

void put_axes(const Sweep& sweep, const Sites& sites, DocumentValue& document) {
  for (std::size_t a = 0; a < sweep.axes.size(); ++a) {
    const Axis& axis = sweep.axes[a];
    for (const AxisKey& key : axis.keys) {
      if (key.key != "seed" && key.is_variable()) continue;
      set_value(document, key.key,
                key.names.empty() ? number_value(axis.number(key, sites[a]), key.origin)
                                  : parse_override_value(axis.label(key, sites[a]), key.origin));
    }
  }
}

void put_templates(const Sweep& sweep, const Sites& sites, DocumentValue& document) {
  std::map<std::string, std::string> names;
  for (std::size_t a = 0; a < sweep.axes.size(); ++a) {
    for (const AxisKey& key : sweep.axes[a].keys) {
      if (!key.names.empty()) names[key.key] = sweep.axes[a].label(key, sites[a]);
    }
  }
  const std::map<std::string, double> numbers = variables_at(sweep, sites);
  for (const auto& [key, text] : sweep.templates) {
    DocumentValue value;
    try {
      value = parse_override_value(fill_template(text.text, numbers, names), text.origin);
    } catch (const InputError& error) {
      throw InputError(text.origin + ": sweep.set \"" + key + "\": " + error.what());
    }
    if (is_whole_number_key(key) && value.kind == DocumentValue::Kind::real) {
      value.real = std::round(value.real);
    }
    set_value(document, key, std::move(value));
  }
}

bool sweeps_over_seed(const Sweep& sweep) {
  for (const Axis& axis : sweep.axes) {
    for (const AxisKey& key : axis.keys) {
      if (key.key == "seed") return true;
    }
  }
  return false;
}

}  // namespace

std::string describe(const Sweep& sweep, const Sites& sites) {
  std::string text;
  for (std::size_t a = 0; a < sweep.axes.size(); ++a) {
    for (const AxisKey& key : sweep.axes[a].keys) {
      if (!text.empty()) text += ", ";
      text += key.key + " = " + sweep.axes[a].label(key, sites[a]);
    }
  }
  return text;
}

std::string describe(const Sweep& sweep, const SweepPoint& point) {
  std::string text = describe(sweep, point.sites);
  if (sweep.seeds > 1) text += ", repeat " + std::to_string(point.repeat + 1);
  return text;
}

std::map<std::string, double> variables_at(const Sweep& sweep, const Sites& sites) {
  std::map<std::string, double> numbers;
  for (std::size_t a = 0; a < sweep.axes.size(); ++a) {
    for (const AxisKey& key : sweep.axes[a].keys) {
      if (key.is_variable() && key.names.empty()) {
        numbers[key.key] = sweep.axes[a].number(key, sites[a]);
      }
    }
  }
  return numbers;
}

Experiment experiment_at(const Sweep& sweep, const SweepPoint& point) {
  try {
    DocumentValue document = sweep.base;
    put_axes(sweep, point.sites, document);
    put_templates(sweep, point.sites, document);
    if (!sweeps_over_seed(sweep)) {
      const std::uint64_t seed =
          seed_from(sweep.seed, describe(sweep, point.sites) + "#" + std::to_string(point.repeat));
      set_value(document, "seed", number_value(static_cast<double>(seed), sweep.source));
    }
    return experiment_from(document, sweep.source);
  } catch (const InputError& error) {
    throw InputError(std::string(error.what()) + "\n  at the point " + describe(sweep, point));
  }
}

}  // namespace reprise
