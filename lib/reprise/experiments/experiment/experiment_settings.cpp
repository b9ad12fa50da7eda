#include <algorithm>
#include <list>

#include "reprise/core/error.hpp"
#include "reprise/core/faults.hpp"
#include "reprise/experiments/experiment/experiment_parts.hpp"
#include "reprise/experiments/experiment/known_keys.hpp"
#include "reprise/experiments/experiment/methods.hpp"
#include "reprise/experiments/experiment/problem_keys.hpp"
#include "reprise/experiments/experiment/resolved_experiment.hpp"

namespace reprise {

namespace {

const SystemRow& read_system(const Section& root) {
  const std::string chosen =
      root.choice("system", system_names(), std::string(system_rows().front().name));
  const SystemRow& system = *std::ranges::find(system_rows(), chosen, &SystemRow::name);
  const std::vector<std::string_view> own = sections_of(system);
  for (const SystemRow& other : system_rows()) {
    for (const std::string_view section : sections_of(other)) {
      const bool is_own = std::ranges::find(own, section) != own.end();
      if (!is_own && root.has(section)) root.refuse(section, "system", system.name);
    }
  }
  return system;
}

/// The library's own checks, behind those of the reader: whatever they still find has no line.
void check_again(std::string_view source, const Settings& problem, const Settings& algorithm) {
  try {
    system_of(problem).check(problem);
    row_of(algorithm).check(problem, algorithm);
  } catch (const InputError& error) {
    throw InputError(std::string(source) + ": " + error.what());
  }
}

/// All but the curves and what depends on them. What does not depend on each other is read whatever
/// is wrong with the other; the algorithm is empty where not even its name could be read.
Experiment read_settings(const Section& root, std::string_view source, Faults& faults) {
  Experiment experiment;
  experiment.source = std::string(source);
  faults.collect([&] {
    experiment.title = root.text("title", std::filesystem::path(source).stem().string());
  });
  faults.collect(
      [&] { experiment.seed = static_cast<std::uint64_t>(root.integer("seed", {.least = 0}, 1)); });
  const SystemRow* system = nullptr;
  if (!faults.collect([&] { system = &read_system(root); })) return experiment;
  const bool has_problem =
      faults.collect([&] { experiment.problem = system->read(root, experiment.seed); });
  const AlgorithmRow* row = nullptr;
  if (!faults.collect([&] { row = &read_algorithm(root, *system); })) return experiment;
  experiment.algorithm = row->defaults;
  const bool has_algorithm = faults.collect([&] {
    experiment.algorithm = read_training(root, *system, *row);
    experiment.duration = read_duration(root, experiment.algorithm);
  });
  if (has_problem && has_algorithm) {
    faults.collect([&] { check_again(source, experiment.problem, experiment.algorithm); });
  }
  return experiment;
}

/// The experiment of some curves, while it is read.
struct Setting {
  DocumentValue document;  ///< with these curves only
  Experiment experiment = {};
  bool is_right = false;

  Section root() const { return {document, "", vocabulary::root}; }
};

void remove_key(const Section& curve, DocumentValue& document, const std::string& path) {
  const std::size_t dot = path.find('.');
  DocumentValue* section = document.find(path.substr(0, dot));
  const auto has_name = [&](const DocumentMember& m) { return m.key == path.substr(dot + 1); };
  if (section == nullptr || std::erase_if(section->members, has_name) == 0) {
    curve.reject("unset", "keys that the file has", "\"" + path + "\"");
  }
}

DocumentValue with_settings(const Section& curve, DocumentValue document, const CurveKeys& keys) {
  for (const std::string& path : keys.unset) remove_key(curve, document, path);
  for (const auto& [path, value] : keys.set.members) {
    document.put_path(path, value);
    DocumentValue* section = document.find(path.substr(0, path.find('.')));
    if (section->origin.empty()) section->origin = value.origin;
  }
  return document;
}

class ExperimentsReader {
 public:
  ExperimentsReader(const DocumentValue& document, std::string_view source)
      : file_(document), source_(source) {
    bare_ = document;
    bare_.put("curve", DocumentValue::of(std::vector<DocumentValue>{}));
  }

  ExperimentsOfFile read() {
    const Section root(file_, "", vocabulary::root);
    Setting& first = add({.document = bare_});
    faults_.collect([&] { read_curves(root); });
    if (!faults_.is_empty() && first.experiment.algorithm.schema() != nullptr) {
      faults_.collect([&] { check_output(first.root(), row_of(first.experiment.algorithm)); });
    }
    faults_.throw_if_any();
    ExperimentsOfFile result{.experiments = {}, .order = std::move(order_)};
    for (Setting& setting : settings_) {
      faults_.collect([&] { finish(setting); });
      result.experiments.push_back(std::move(setting.experiment));
    }
    faults_.throw_if_any();
    return result;
  }

 private:
  Setting& add(Setting setting) {
    settings_.push_back(std::move(setting));
    Setting& added = settings_.back();
    Faults faults;
    faults.collect([&] { added.experiment = read_settings(added.root(), source_, faults); });
    added.is_right = faults.is_empty();
    for (const std::string& fault : faults.all()) faults_.add(fault);
    return added;
  }

  void read_curves(const Section& root) {
    const DocumentValue& list = root.require("curve");
    if (list.kind != DocumentValue::Kind::array || list.items.empty()) {
      root.reject("curve", "a list of sections, [[curve]]");
    }
    for (const DocumentValue& item : list.items) {
      faults_.collect([&] {
        const Section curve(item, "curve", curve_keys());
        CurveKeys keys;
        faults_.collect([&] { read_fields(schema<CurveKeys>(), curve.fields(root), &keys); });
        Setting& setting = setting_of(curve, keys);
        setting.document.find("curve")->items.push_back(item);
        if (setting.experiment.algorithm.schema() == nullptr) return;
        setting.experiment.curves.push_back(
            read_curve(setting.root(), curve, setting.experiment, before_));
      });
    }
  }

  /// The one that the curve shares, or a new one. Two that come to the same are one.
  Setting& setting_of(const Section& curve, const CurveKeys& keys) {
    if (!keys.has_own_settings()) {
      order_.push_back(0);
      return settings_.front();
    }
    const std::size_t n_before = settings_.size();
    Setting& added = add({.document = with_known_keys(with_settings(curve, bare_, keys), faults_)});
    check_clock(curve, added);
    check_sizes(curve, added);
    const auto same = std::ranges::find_if(
        settings_, [&](const Setting& other) { return &other == &added || is_same(other, added); });
    order_.push_back(static_cast<std::size_t>(std::distance(settings_.begin(), same)));
    if (order_.back() < n_before) settings_.pop_back();
    return *same;
  }

  /// Whether two come to the same, however that is written.
  static bool is_same(const Setting& one, const Setting& two) {
    if (!one.is_right || !two.is_right) return false;
    const auto output = [](const Setting& setting) {
      const DocumentValue* found = setting.document.find("output");
      return found == nullptr ? "" : found->written_whole();
    };
    return output(one) == output(two) && one.experiment.seed == two.experiment.seed &&
           is_same_setting(one.experiment, two.experiment);
  }

  void check_clock(const Section& curve, const Setting& setting) const {
    const Settings& one = settings_.front().experiment.algorithm;
    const Settings& two = setting.experiment.algorithm;
    if (one.schema() == nullptr || two.schema() == nullptr) return;
    if (row_of(one).has_steps == row_of(two).has_steps) return;
    curve.reject("set", "settings whose time is counted as that of the file",
                 "training.algorithm = \"" + std::string(row_of(two).name) + "\" beside \"" +
                     std::string(row_of(one).name) + "\"");
  }

  /// A figure, and a row of curves.csv, means the same neuron and direction for every curve.
  void check_sizes(const Section& curve, const Setting& setting) const {
    const auto* one = settings_.front().experiment.problem.get_if<Problem>();
    const auto* two = setting.experiment.problem.get_if<Problem>();
    if (one == nullptr || two == nullptr) return;
    const auto text = [](const Problem& problem) {
      return std::to_string(problem.n_neurons()) + " neurons and " +
             std::to_string(problem.n_directions()) + " directions";
    };
    if (text(*one) == text(*two)) return;
    curve.reject("set", "settings with " + text(*one) + ", as the file has them", text(*two));
  }

  static void finish(Setting& setting) {
    Experiment& experiment = setting.experiment;
    const Section root = setting.root();
    share_start_dimension(root, experiment.problem, experiment.algorithm, experiment.curves);
    read_output_times(root, experiment);
    check_curves(root, experiment);
  }

  const DocumentValue& file_;
  std::string_view source_;
  DocumentValue bare_;
  std::list<Setting> settings_;  // sections look into their documents, which must not move
  std::vector<std::size_t> order_;
  CurvesBefore before_;
  Faults faults_;
};

}  // namespace

ExperimentsOfFile read_experiments(const DocumentValue& document, std::string_view source) {
  return ExperimentsReader(document, source).read();
}

}  // namespace reprise
