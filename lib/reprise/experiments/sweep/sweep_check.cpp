#include <algorithm>
#include <cmath>
#include <set>

#include "reprise/core/check.hpp"
#include "reprise/core/nearest_name.hpp"
#include "reprise/core/number_text.hpp"
#include "reprise/experiments/document/formula.hpp"
#include "reprise/experiments/document/override.hpp"
#include "reprise/experiments/sweep/sweep_parts.hpp"
#include "reprise/experiments/sweep/sweep_values.hpp"

namespace reprise {

namespace {

constexpr double most_experiments = 1e6;

[[noreturn]] void refuse(const Sweep& sweep, const std::string& what) {
  throw InputError(sweep.source + ": [sweep]: " + what);
}

void check_seeds(const Sweep& sweep) {
  for (const Axis& axis : sweep.axes) {
    for (const AxisKey& key : axis.keys) {
      if (key.key != "seed" || sweep.seeds == 1) continue;
      reject(key.origin, "sweep.seeds", "1 where seed is an axis", std::to_string(sweep.seeds));
    }
  }
  for (const auto& [key, value] : sweep.templates) {
    if (key == "seed") reject(value.origin, "sweep.set", "without seed", value.text);
  }
}

template <class List, class Name>
void refuse_duplicates(const Sweep& sweep, const std::string& what, const List& list,
                       const Name& name_of) {
  std::set<std::string> seen;
  for (const auto& item : list) {
    if (!seen.insert(name_of(item)).second)
      refuse(sweep, what + " \"" + name_of(item) + "\" twice");
  }
}

bool is_word_in(const std::string& word, std::string_view text) {
  const auto is_part = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) || c == '_';
  };
  for (std::size_t at = text.find(word); at != std::string_view::npos;
       at = text.find(word, at + 1)) {
    const bool begins = at == 0 || !is_part(text[at - 1]);
    const std::size_t end = at + word.size();
    if (begins && (end == text.size() || !is_part(text[end]))) return true;
  }
  return false;
}

// An axis that changes no experiment would give the same one again and again.
void check_is_used(const Sweep& sweep, const Axis& axis) {
  const auto occurs = [&](const std::string& variable) {
    for (const auto& [key, value] : sweep.templates) {
      if (is_word_in(variable, value.text)) return true;
    }
    for (const Axis& other : sweep.axes) {
      for (const AxisKey& key : other.keys) {
        for (const std::string& text : key.names) {
          if (is_word_in("{" + variable, text) || is_word_in(variable, text)) return true;
        }
      }
    }
    return false;
  };
  for (const AxisKey& key : axis.keys) {
    if (!key.is_variable() || key.key == "seed" || occurs(key.key)) return;
  }
  reject(axis.first().origin, "sweep.variables." + axis.name(), "used in a formula of [sweep.set]",
         "no {" + axis.name() + "}");
}

void check_is_sorted(const Axis& axis, std::string_view why) {
  const std::vector<double>& numbers = axis.first().numbers;
  const bool rises = std::ranges::is_sorted(numbers, std::less_equal<>());
  const bool falls = std::ranges::is_sorted(numbers, std::greater_equal<>());
  if (rises || falls) return;
  reject(axis.first().origin, "sweep.\"" + axis.name() + "\"",
         "in increasing or decreasing order, for its " + std::string(why), "another");
}

void check_refinement(const Sweep& sweep) {
  constexpr std::int64_t most_sites = 10'000'000;
  for (const Axis& axis : sweep.axes) {
    if (axis.depth == 0) continue;
    check_is_sorted(axis, "refinement");
    for (const AxisKey& key : axis.keys) {
      if (!key.names.empty()) {
        reject(key.origin, "sweep.\"" + key.key + "\"",
               "numbers, since \"" + axis.name() + "\" is refined", key.names.front());
      }
      if (!key.is_whole) continue;
      for (std::int64_t site = 0; site < std::min(axis.last_site(), most_sites); ++site) {
        if (axis.number(key, site) != axis.number(key, site + 1)) continue;
        reject(key.origin, "sweep.refine.resolution",
               "no finer than whole numbers along \"" + key.key + "\"", "finer");
      }
    }
  }
}

void check_expectation(const Sweep& sweep, const std::optional<Expectation>& expectation,
                       const std::string& where, const std::vector<std::size_t>& used_up) {
  if (!expectation) return;
  if (!expectation->value.values.empty()) {
    std::vector<std::int64_t> left;
    for (std::size_t a = 0; a < sweep.axes.size(); ++a) {
      if (std::ranges::find(used_up, a) == used_up.end()) left.push_back(sweep.axes[a].n_values());
    }
    const auto n = static_cast<std::int64_t>(expectation->value.values.size());
    if (left.size() != 1 || left.front() != n) {
      refuse(sweep, where +
                        ".expect: a list must have a number for each value of the one axis that "
                        "is left; a formula of the variables can have any");
    }
  }
  for (const Sites& sites : grid(sweep.axes)) {
    try {
      expected_at(sweep, expectation, sites, used_up);
    } catch (const InputError& error) {
      refuse(sweep, where + ".expect: " + error.what());
    }
  }
}

void check_fit(const Sweep& sweep) {
  if (!sweep.fit) return;
  check_expectation(sweep, sweep.fit->expectation, "fit", used_up_by_fit(sweep));
  if (sweep.fit->divide_by.empty()) return;
  for (const double x : sweep.axes[sweep.fit->axis].first().numbers) {
    if (evaluate_formula(sweep.fit->divide_by, {{"x", x}}) > 0) continue;
    refuse(sweep, "fit.divide_by must be > 0 at every x, which it is not at " + shortest(x));
  }
}

void check_claims(const Sweep& sweep) {
  for (const Claim& claim : sweep.claims) {
    for (const auto& [a, member] : claim.where) {
      const Axis& axis = sweep.axes[a];
      const auto key = std::ranges::find(axis.keys, member.key, &AxisKey::key);
      const std::string path = "sweep.claim.where.\"" + member.key + "\"";
      if (key->names.empty() && !member.value.is_number()) {
        reject(member.value.origin, path, "a number", member.value.written());
      }
      Claim one{.text = "", .where = {{a, member}}, .curve = ""};
      bool is_there = false;
      for (std::int64_t i = 0; i < axis.n_values(); ++i) {
        Sites sites(sweep.axes.size(), 0);
        sites[a] = i * axis.spacing();
        is_there |= is_part_of(sweep, one, sites);
      }
      if (is_there) continue;
      const std::vector<std::string_view> names(key->names.begin(), key->names.end());
      const std::string text = override_text(member.value);
      reject(member.value.origin, path, "one of its listed values" + did_you_mean(text, names),
             text);
    }
  }
}

}  // namespace

void check_size(const Sweep& sweep) {
  double n_points = static_cast<double>(sweep.seeds);
  for (const Axis& axis : sweep.axes) n_points *= static_cast<double>(axis.n_values());
  if (n_points > most_experiments) {
    refuse(sweep, "a grid may have " + shortest(most_experiments) + " experiments, this one has " +
                      shortest(n_points));
  }
}

void check_sweep(const Sweep& sweep) {
  check_seeds(sweep);
  refuse_duplicates(sweep, "observable", sweep.observables,
                    [](const Observable& observable) { return observable.text; });
  refuse_duplicates(sweep, "curve", sweep.curves, [](const std::string& name) { return name; });
  for (const Axis& axis : sweep.axes) check_is_used(sweep, axis);
  check_refinement(sweep);
  if (sweep.boundary) {
    check_is_sorted(sweep.axes[sweep.boundary->axis], "boundary");
    check_expectation(sweep, sweep.boundary->expectation, "boundary", {sweep.boundary->axis});
  }
  check_fit(sweep);
  check_claims(sweep);
}

}  // namespace reprise
