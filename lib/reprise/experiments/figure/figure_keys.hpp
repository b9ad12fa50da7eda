// [figure] as it is written: what a figure shows and how it looks. None of it changes what is
// computed.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "reprise/core/described.hpp"
#include "reprise/core/value.hpp"
#include "reprise/phase/axis.hpp"

namespace reprise {

enum class FigureFormat {
  svg,
  png,  ///< 300 dots per inch
  pdf,  ///< fonts embedded, as LaTeX takes it
};
template <>
struct Names<FigureFormat> {
  static constexpr std::pair<FigureFormat, std::string_view> all[] = {
      {FigureFormat::svg, "svg"}, {FigureFormat::png, "png"}, {FigureFormat::pdf, "pdf"}};
};

/// What a figure is written as; none of them: there is no figure.
struct FigureFormats {
  std::vector<FigureFormat> all = {FigureFormat::svg, FigureFormat::png};
};

/// The width of a page in inches; the columns of a paper have names.
struct FigureWidth {
  double inches = double_column;

  static constexpr double single_column = 3.4, double_column = 7.0;
};

enum class LegendPlace { above, none };
template <>
struct Names<LegendPlace> {
  static constexpr std::pair<LegendPlace, std::string_view> all[] = {{LegendPlace::above, "above"},
                                                                     {LegendPlace::none, "none"}};
};

/// A theory curve y = formula of x, to draw beside what was computed.
struct FigureOverlay {
  std::string label;
  std::string formula;
};
struct FigureOverlays {
  std::vector<FigureOverlay> all = {};
};

/// One direction of every panel; what is left out follows from the data.
struct FigureAxisKeys {
  std::optional<Scale> scale = {};
  std::optional<double> from = {};
  std::optional<double> to = {};
};
template <>
const Schema& schema<FigureAxisKeys>();

struct FigureKeys {
  std::vector<std::string> panels = {};
  std::vector<std::string> entries = {};
  std::optional<FigureAxisKeys> x = {};
  std::optional<FigureAxisKeys> y = {};
  std::vector<double> color_range = {};
  FigureOverlays overlay = {};
  std::optional<FigureWidth> width = {};
  std::optional<double> height = {};
  FigureFormats format = {};
  std::optional<std::string> title = {};
  LegendPlace legend = LegendPlace::above;
  bool caption = true;
};
template <>
const Schema& schema<FigureKeys>();

/// [figure] of a document, defaults where it has none. Throws InputError for a key or a value that
/// it cannot have.
FigureKeys read_figure_keys(const Value& document);

/// Throws InputError for a value of [figure] that does not fit the experiment or the sweep beside
/// it, with the line of the key in the document.
[[noreturn]] void reject_figure_key(const Value& document, const std::string& key,
                                    const std::string& rule, const std::string& got);

/// "training_loss, generalisation_error" one by one.
std::vector<std::string> quantities_of_panel(const std::string& panel);

/// The keys as a table; none where all are at their defaults.
std::optional<Value> written(const FigureKeys& keys);

/// The same with "figure.y.scale=log" each put in. Throws InputError for a key of another section.
FigureKeys with_overrides(const FigureKeys& keys, const std::vector<std::string>& overrides);

}  // namespace reprise
