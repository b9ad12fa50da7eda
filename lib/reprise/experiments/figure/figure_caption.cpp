#include <algorithm>
#include <sstream>

#include "reprise/core/number_text.hpp"
#include "reprise/core/quantity.hpp"
#include "reprise/experiments/document/document.hpp"
#include "reprise/experiments/figure/figure.hpp"

namespace reprise {

namespace {

/// "target.expression = "z1"", a line each, of what is not the title, a curve or the output.
void add_settings(const Value& table, const std::string& path, std::ostream& out) {
  for (const auto& [key, value] : table.members) {
    const bool is_elsewhere =
        path.empty() && (key == "title" || key == "format" || key == "curve" || key == "figure");
    if (is_elsewhere) continue;
    const std::string name = path.empty() ? key : path + "." + key;
    if (value.kind == Value::Kind::table) {
      add_settings(value, name, out);
    } else {
      out << "  " << name << " = " << value.written_whole() << "\n";
    }
  }
}

std::string settings_of(const Value& curve) {
  std::string text;
  for (const auto& [key, value] : curve.members) {
    if (key == "name" || (value.kind == Value::Kind::table && value.members.empty())) continue;
    text += (text.empty() ? "" : ", ") + key + " = " + value.written_whole();
  }
  return text;
}

void add_curves(const Results& results, const Value& experiment, std::ostream& out) {
  const Value* specs = experiment.find("curve");
  for (const CurveResult& curve : results.curves) {
    out << "  " << curve.name << ", " << (curve.role == Role::theory ? "line" : "points") << ": "
        << curve.solution.method;
    if (curve.role == Role::simulation) {
      out << ", mean of " << curve.solution.cost.replicas << " runs";
    }
    const Ending& ending = curve.solution.ending;
    if (!ending.is_completed()) {
      out << ", " << name(ending.termination) << last_moment(curve.solution);
    }
    for (std::size_t i = 0; specs != nullptr && i < specs->items.size(); ++i) {
      const Value* spec_name = specs->items[i].find("name");
      if (spec_name == nullptr || spec_name->text != curve.name) continue;
      out << " (" << settings_of(specs->items[i]) << ")";
    }
    out << "\n";
  }
}

/// "{/:Italic M}" without gnuplot's markup.
std::string plain(std::string text) {
  for (const char* markup : {"{/:Italic ", "{", "}"}) {
    for (std::size_t at; (at = text.find(markup)) != std::string::npos;) {
      text.erase(at, std::string_view(markup).size());
    }
  }
  return text;
}

void add_panel(const Results& results, const FigurePanel& panel, const std::string& heading,
               std::ostream& out) {
  out << "  " << heading << ":";
  const char* separator = " ";
  for (const std::string& label : panel.labels) {
    out << separator << plain(label);
    separator = ", ";
  }
  if (!panel.note.empty()) out << " (" << panel.note << ")";
  if (value_scale(results, panel) == Scale::log) out << ", sizes on a log axis";
  if (!panel.differences.empty()) out << "; below, simulation minus the first theory";
  out << "\n";
}

}  // namespace

std::string figure_caption(const Results& results) {
  // Of curves of several runs there is no one experiment.
  const bool has_experiment = !results.resolved_experiment.empty();
  const Value experiment =
      has_experiment ? parse_json(results.resolved_experiment, "the experiment") : Value{};
  const std::vector<FigurePanel> panels = figure_panels(results);
  std::ostringstream out;
  out << results.title << ".\n\nCurves:\n";
  add_curves(results, experiment, out);
  for (const FigureOverlay& overlay : results.figure.overlay.all) {
    out << "  " << overlay.label << ", grey line in the first panel: y = " << overlay.formula
        << "\n";
  }
  out << "Bars are one standard error; of a simulation over its runs, of a theory over its "
         "scrambles.\n"
      << "\nPanels, against "
      << name(results.curves.empty() ? Clock::steps : results.curves.front().solution.clock)
      << (time_scale(results) == Scale::log ? " on a log axis" : "") << ":\n";
  for (std::size_t p = 0; p < panels.size(); ++p) {
    add_panel(results, panels[p], lettered(panels[p].heading, p, panels.size()), out);
  }
  if (!results.comparisons.empty()) out << "\nAgreement:\n";
  for (const PairComparison& pair : results.comparisons) {
    out << "  " << pair.theory << " against " << pair.simulation << ": "
        << pair.comparison.brief_report() << "\n";
  }
  if (has_experiment) {
    out << "\nSettings:\n";
    add_settings(experiment, "", out);
  }
  out << "\nComputed by Reprise " << results.version << ".\n";
  return out.str();
}

}  // namespace reprise
