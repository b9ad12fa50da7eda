#include <optional>

#include "reprise/core/check.hpp"
#include "reprise/core/error.hpp"
#include "reprise/core/number_text.hpp"
#include "reprise/experiments/document/formula.hpp"
#include "reprise/experiments/document/override.hpp"
#include "reprise/experiments/experiment/methods.hpp"
#include "reprise/experiments/sweep/sweep.hpp"
#include "reprise/phase/point_sweep.hpp"

namespace reprise {

namespace {

DocumentValue with_origin(DocumentValue value, const std::string& origin) {
  value.origin = origin;
  return value;
}

DocumentValue number_value(double number, const std::string& origin) {
  return with_origin(DocumentValue::of(number), origin);
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

TemplateKind kind_of_template(std::string_view key) {
  const std::string_view last = key.substr(key.rfind('.') + 1);  // all of it where there is no dot
  if (last == "expression" || last == "activation") return TemplateKind::expression;
  return last == "title" || last == "name" ? TemplateKind::prose : TemplateKind::value;
}

// "[[1 + (-2)^2, 3], [4, 5]]" with each item that is no value of TOML as the value of its formula.
std::string with_items_evaluated(std::string_view list) {
  std::string result;
  int depth = 0;
  std::size_t begin = 0;
  const auto finish_item = [&](std::size_t end) {
    std::string_view item = list.substr(begin, end - begin);
    const bool is_blank = item.find_first_not_of(" \t\r\n") == std::string_view::npos;
    const bool is_value = is_blank ||
                          parse_override_value(item, "").kind != DocumentValue::Kind::text ||
                          item.find_first_of("'\"") != std::string_view::npos;
    result += is_value ? std::string(item) : shortest(evaluate_formula(item, {}));
  };
  for (std::size_t at = 0; at < list.size(); ++at) {
    if (list[at] == '(') ++depth;
    if (list[at] == ')') --depth;
    if (depth != 0 || std::string_view("[],").find(list[at]) == std::string_view::npos) continue;
    finish_item(at);
    result += list[at];
    begin = at + 1;
  }
  finish_item(list.size());
  return result;
}

// What a filled template stands for: text in an expression, else a number or a list as TOML has it,
// or as its formulas give it, else a word.
DocumentValue value_of_filled(const std::string& filled, TemplateKind kind,
                              const std::string& origin) {
  if (kind == TemplateKind::value) {
    DocumentValue value = parse_override_value(filled, origin);
    if (value.kind != DocumentValue::Kind::text) return value;
    if (filled.starts_with("[")) return parse_override_value(with_items_evaluated(filled), origin);
    try {
      return number_value(evaluate_formula(filled, {}), origin);
    } catch (const InputError&) {
      return value;  // a word, "repeat 2"
    }
  }
  return with_origin(DocumentValue::of(filled), origin);
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
    const std::string path = "sweep.set \"" + key + "\"";
    const TemplateKind kind = kind_of_template(key);
    DocumentValue value;
    try {
      value = value_of_filled(fill_template(text.text, numbers, names, kind), kind, text.origin);
    } catch (const InputError& error) {
      throw InputError(text.origin + ": " + path + ": " + error.what());
    }
    if (is_whole_number_key(key) && value.kind == DocumentValue::Kind::real) {
      const std::optional<double> whole = whole_number(value.real);
      if (!whole) {
        reject(text.origin, path, "a whole number (round(x), floor(x) and ceil(x) give one)",
               shortest(value.real));
      }
      value.real = *whole;
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

std::string describe(const Sweep& sweep, const Sites& sites) { return describe(sweep.axes, sites); }

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
          point_seed(sweep.seed, describe(sweep, point.sites) + "#" + std::to_string(point.repeat));
      set_value(document, "seed", number_value(static_cast<double>(seed), sweep.source));
    }
    return experiment_from(document, sweep.source);
  } catch (const InputError& error) {
    throw InputError(std::string(error.what()) + "\n  at the point " + describe(sweep, point));
  }
}

}  // namespace reprise
