// A sweep: a grid of experiments over one, two or three of their keys, and what is read off each.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "reprise/experiments/document/document.hpp"
#include "reprise/experiments/experiment/experiment.hpp"
#include "reprise/phase/axis.hpp"
#include "reprise/phase/claim.hpp"
#include "reprise/phase/observable.hpp"
#include "reprise/phase/refinement.hpp"

namespace reprise {

/// One experiment of a sweep.
struct SweepPoint {
  Sites sites;
  std::int64_t repeat = 0;  ///< 0 .. seeds - 1

  // clang-tidy 14 sees a null pointer in it.
  auto operator<=>(const SweepPoint&) const = default;  // NOLINT(modernize-use-nullptr)
};

struct ExpectedValue {
  std::string formula = {};         ///< of the variables, "2 - mu"; empty where there is a list
  std::vector<double> values = {};  ///< or one for each value of the only other axis
};

/// What is expected of a fit or a boundary, and how far off it may be.
struct Expectation {
  ExpectedValue value = {};
  double within = 0;
};

/// Where an observable crosses a level along an axis.
struct BoundaryRule {
  std::size_t axis = 0;
  std::size_t observable = 0;
  std::string curve;
  double level = 0;
  std::optional<Expectation> expectation = {};
};

/// How the boundary is closed in on; Axis::depth says how far.
struct RefineRule {
  std::size_t observable = 0;
  std::string curve;
  double level = 0;
};

/// A power law along an axis.
struct FitRule {
  std::size_t axis = 0;
  std::string divide_by;  ///< a formula of x; empty: 1
  std::optional<Expectation> expectation = {};
};

/// What the points of a part of the grid are expected to show.
struct Claim {
  std::string text;                                           ///< as people read it
  std::vector<std::pair<std::size_t, DocumentMember>> where;  ///< axis; key and value on it
  std::size_t observable = 0;
  std::string curve;
  ClaimKind kind = ClaimKind::all_above;
  double bound = 0;  ///< none_reached, of passages that do not arrive, has none
};

/// A theory to draw over a figure: y as a formula of x.
struct Overlay {
  std::string label;
  std::string formula;
};

enum class SweepFigure {
  automatic,  ///< a map where the first two axes are numeric and have 5 or more values each
  map,
  lines,
  exponents,  ///< of the fits, against the first numeric axis that is left
};

/// What is kept of each point.
enum class SweepKeep {
  values,  ///< of the observables
  curves,  ///< and the whole curves that they are measured on
};

/// A checked sweep.
struct Sweep {
  std::string title;
  std::string source;  ///< name of the file
  std::string plan;    ///< all of it but [figure] and title: what a stored sweep was made from
  std::string look;    ///< these, as TOML
  std::uint64_t seed = 1;
  DocumentValue base;                     ///< the experiment without its [sweep], overrides applied
  std::vector<Axis> axes;                 ///< one to three; zipped ones are one
  std::vector<DocumentMember> templates;  ///< [sweep.set]: key and text with {formulas}
  std::vector<Observable> observables;
  std::vector<std::string> curves;               ///< on which they are measured
  std::int64_t seeds = 1;                        ///< experiments at each point
  std::optional<std::size_t> maximum_over = {};  ///< an axis
  std::optional<BoundaryRule> boundary = {};
  std::optional<RefineRule> refine = {};
  std::optional<FitRule> fit = {};
  std::vector<Overlay> overlays = {};
  std::vector<Claim> claims = {};
  SweepFigure figure = SweepFigure::automatic;
  FigureKeys figure_keys = {};  ///< [figure]
  SweepKeep keep = SweepKeep::values;
};

/// Reads a sweep and checks every experiment of its grid.
///
/// Throws InputError "<file>:<line>: ..." for the first thing that is wrong, in [sweep] or in an
/// experiment at one of its points, which it names.
Sweep read_sweep(const std::filesystem::path& file, std::span<const std::string> overrides = {});
Sweep parse_sweep(std::string_view text, std::string_view source,
                  std::span<const std::string> overrides = {});

/// The experiment at a point. Its seed follows from the file's seed, the point's values and the
/// repeat alone, so it is the same in every grid that has the point; where "seed" is an axis, that
/// is the seed. Throws InputError naming the point.
Experiment experiment_at(const Sweep& sweep, const SweepPoint& point);

/// "training.learning_rate = 0.1, d = 256", and ", repeat 2" where there are several.
std::string describe(const Sweep& sweep, const Sites& sites);
std::string describe(const Sweep& sweep, const SweepPoint& point);

/// The numbers of the variables there, by name.
std::map<std::string, double> variables_at(const Sweep& sweep, const Sites& sites);

}  // namespace reprise
