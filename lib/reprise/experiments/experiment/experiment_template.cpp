#include "reprise/experiments/experiment/experiment_template.hpp"

#include <algorithm>
#include <vector>

#include "reprise/core/error.hpp"
#include "reprise/core/nearest_name.hpp"
#include "reprise/experiments/document/document.hpp"
#include "reprise/experiments/experiment/key_groups.hpp"
#include "reprise/experiments/experiment/methods.hpp"

namespace reprise {

namespace {

constexpr std::string_view start_of_two_layer = R"toml(
[target]
expression = "z1 + abs(z1)"
[student]
activation = "relu"
neurons = 1
second_layer = [1.0]
)toml";

constexpr std::string_view simulation_of_two_layer = R"toml(
[[curve]]
name = "simulation"
method = "simulation"
engine = "exact"
dimension = 500
runs = 16
)toml";

struct Beginning {
  std::string_view algorithm;
  std::string_view before;  ///< training
  std::string_view text;
  std::string_view after;
};

constexpr Beginning beginnings[] = {{"gradient_descent", start_of_two_layer, R"toml(
[training]
algorithm = "gradient_descent"
learning_rate = 0.3
samples_per_dimension = 2.0
schedule = "reuse"
steps = 10
[[curve]]
name = "theory"
method = "dmft"
points = 4096
)toml",
                                     simulation_of_two_layer},
                                    {"sgd", start_of_two_layer, R"toml(
[training]
algorithm = "sgd"
learning_rate = 0.3
duration = 5.0
[[curve]]
name = "theory"
method = "ode"
)toml",
                                     simulation_of_two_layer},
                                    {"gradient_flow", start_of_two_layer, R"toml(
[initial]
M = [[0.1]]
[training]
algorithm = "gradient_flow"
duration = 5.0
[[curve]]
name = "theory"
method = "gradient_flow"
)toml",
                                     ""},
                                    {"prox_linear", "", R"toml(
system = "matrix_sensing"
[initial]
overlap = [0.6, 0.5]
norm = [0.9, 1.1]
[training]
algorithm = "prox_linear"
penalty = 0.1
samples_per_dimension = 4.0
steps = 10
[[curve]]
name = "theory"
method = "recursion"
[[curve]]
name = "simulation"
method = "simulation"
dimension = 200
runs = 16
)toml",
                                     ""}};

std::string text_or_none(const Value* value) { return value == nullptr ? "" : value->text; }

/// Writes a section, or one of [[curve]], with all keys of the groups that apply.
class TemplateWriter {
 public:
  explicit TemplateWriter(const DocumentValue& file) : file_(file) {
    system_ = text_or_none(file.find("system"));
    if (system_.empty()) system_ = system_rows().front().name;
    algorithm_ = text_or_none(file.find("training")->find("algorithm"));
  }

  std::string text() {
    text_ =
        "# An experiment for `reprise run`: what has no # before it is said, all else is as it "
        "would be without a word.\n"
        "# `reprise keys` has the ranges, `reprise list` experiments of papers to look at with "
        "`reprise show`.\n"
        "format = 1\n"
        "title = \"A new experiment\"\n"
        "seed = 1\n";
    if (file_.find("system") != nullptr) text_ += "system = \"" + system_ + "\"\n";
    for (const KeyGroup& group : groups_) {
      if (!group.is_list() && applies(group, "")) add_keys(group);
    }
    for (const auto& [section, lines] : sections_) {
      if (section == "output") continue;
      text_ += "\n[" + section + "]\n" + lines;
    }
    for (const DocumentValue& curve : file_.find("curve")->items) add_curve(curve);
    for (const auto& [section, lines] : sections_) {
      if (section == "output") text_ += "\n[" + section + "]\n" + lines;
    }
    return text_;
  }

 private:
  bool applies(const KeyGroup& group, std::string_view method) const {
    return group.section.find('.') == group.section.npos &&
           (group.system.empty() || group.system == system_) &&
           (group.algorithm.empty() || group.algorithm == algorithm_) &&
           (group.method.empty() || group.method == method);
  }

  std::string& lines_of(std::string_view section) {
    for (auto& [name, lines] : sections_) {
      if (name == section) return lines;
    }
    sections_.emplace_back(section, "");
    return sections_.back().second;
  }

  /// The keys of a group, those of other sections there.
  void add_keys(const KeyGroup& group) {
    for (const Field* field : group.fields()) {
      const std::string_view path = field->facts.key;
      const std::size_t dot = path.find('.');
      const bool is_own = dot == path.npos;
      const std::string section(is_own ? std::string_view(group.section) : path.substr(0, dot));
      const std::string_view key = is_own ? path : path.substr(dot + 1);
      add_line(lines_of(section), key, file_.find(section), group, *field);
    }
  }

  void add_curve(const DocumentValue& curve) {
    std::string lines;
    const std::string method = text_or_none(curve.find("method")),
                      engine = text_or_none(curve.find("engine"));
    for (const KeyGroup& group : groups_) {
      const bool fits = group.engine.empty() || engine.empty() || group.engine == engine;
      if (group.section != "curve" || !fits || !applies(group, method)) continue;
      for (const Field* field : group.fields()) {
        if (field->facts.key.find('.') == std::string_view::npos) {
          add_line(lines, field->facts.key, &curve, group, *field);
        }
      }
    }
    text_ += "\n[[curve]]\n" + lines;
  }

  static void add_line(std::string& lines, std::string_view key, const DocumentValue* table,
                       const KeyGroup& group, const Field& field) {
    const DocumentValue* value = table == nullptr ? nullptr : table->find(key);
    const Value* otherwise = group.default_of(field.facts.key);
    std::string line = value == nullptr ? "# " : "";
    line += std::string(key) + " = ";
    line += value != nullptr       ? value->written_whole()
            : otherwise != nullptr ? otherwise->written_whole()
                                   : "..";
    constexpr std::size_t column = 40;
    line.resize(std::max(line.size() + 2, column), ' ');
    line += "# " + meaning_of(field);
    if (value == nullptr && !field.facts.otherwise.empty()) {
      line += " (default: " + std::string(field.facts.otherwise) + ")";
    }
    lines += line + "\n";
  }

  const DocumentValue& file_;
  const std::vector<KeyGroup> groups_ = experiment_keys();
  std::string system_, algorithm_, text_;
  std::vector<std::pair<std::string, std::string>> sections_;
};

}  // namespace

std::string experiment_template(std::string_view algorithm) {
  std::vector<std::string_view> names;
  for (const Beginning& beginning : beginnings) {
    names.push_back(beginning.algorithm);
    if (beginning.algorithm != algorithm) continue;
    std::string text(beginning.before);
    text.append(beginning.text).append(beginning.after);
    const DocumentValue file = parse_toml(text, "template");
    return TemplateWriter(file).text();
  }
  std::string rule = "algorithm must be one of";
  for (const std::string_view name : names) rule += " " + std::string(name);
  throw InputError("new: " + rule + ", got \"" + std::string(algorithm) + "\"" +
                   did_you_mean(algorithm, names));
}

}  // namespace reprise
