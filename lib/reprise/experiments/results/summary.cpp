#include "reprise/experiments/results/summary.hpp"

#include <array>
#include <cmath>
#include <fstream>
#include <iomanip>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "reprise/core/error.hpp"
#include "reprise/core/hash.hpp"
#include "reprise/experiments/document/document.hpp"

namespace reprise {

namespace {

using Json = nlohmann::ordered_json;

Json json_of(const std::vector<Event>& events) {
  Json list = Json::array();
  for (const Event& event : events) {
    list.push_back({{"name", event.name}, {"time", event.time}, {"replica", event.replica + 1}});
  }
  return list;
}

Json json_of(const CurveResult& curve) {
  const std::string& method = curve.solution.method;
  const Ending& ending = curve.solution.ending;
  const Cost& cost = curve.solution.cost;
  Json json{{"name", curve.name},
            {"role", name(curve.role)},
            {"method", method},
            {"time", name(curve.solution.clock)},
            {"moments", curve.solution.moments},
            {"events", json_of(curve.solution.events)},
            {"ending",
             {{"termination", name(ending.termination)},
              {"step", ending.step},
              {"detail", ending.detail},
              {"advice", advice(ending.termination)}}},
            {"wall_time_s", cost.wall_time_s},
            {"replicas", cost.replicas},
            {"samples_per_replica", cost.samples_per_replica}};
  if (!curve.solution.warnings.empty()) json["warnings"] = curve.solution.warnings;
  return json;
}

/// JSON has no infinity: largest_z is null where exact values differ.
Json json_of(const PairComparison& pair) {
  const Comparison& c = pair.comparison;
  Json json{{"theory", pair.theory},
            {"simulation", pair.simulation},
            {"verdict", name(c.verdict)},
            {"largest_z", std::isfinite(c.largest_z) ? Json(c.largest_z) : Json()},
            {"quantity", c.quantity},
            {"i", c.i},
            {"j", c.j},
            {"step", c.step},
            {"moment", c.moment},
            {"n_values", c.n_values},
            {"allowed_z", c.allowed_z},
            {"report", c.brief_report()}};
  if (!c.notes.empty()) json["notes"] = c.notes;
  return json;
}

template <class Enumerator, std::size_t n>
Enumerator parse_name(const std::string& text, const std::array<Enumerator, n>& all) {
  for (const Enumerator candidate : all) {
    if (name(candidate) == text) return candidate;
  }
  throw InputError("\"" + text + "\" is unknown");
}

/// A whole number of that key; a fraction or one beyond `most` is an error, not rounded.
std::int64_t integer(const Json& json, const char* key, std::int64_t least = 0) {
  constexpr std::int64_t most = std::int64_t{1} << 62;
  const Json& value = json.at(key);
  const bool is_within =
      value.is_number_unsigned() ? value.get<std::uint64_t>() <= most : value.is_number_integer();
  if (!is_within || value.get<std::int64_t>() < least) {
    throw InputError("\"" + std::string(key) + "\" must be an integer from " +
                     std::to_string(least) + " to 2^62");
  }
  return value.get<std::int64_t>();
}

CurveResult curve_from(const Json& json) {
  constexpr std::array terminations{Termination::completed, Termination::diverged,
                                    Termination::step_underflow, Termination::max_steps,
                                    Termination::not_converged};
  constexpr std::array clocks{Clock::steps, Clock::samples, Clock::flow};
  constexpr std::array roles{Role::theory, Role::simulation};
  CurveResult curve;
  curve.name = json.at("name").get<std::string>();
  curve.role = parse_name(json.at("role").get<std::string>(), roles);
  curve.solution.method = json.at("method").get<std::string>();
  curve.solution.clock = parse_name(json.value("time", std::string(name(Clock::steps))), clocks);
  curve.solution.moments = json.value("moments", "");
  curve.solution.warnings = json.value("warnings", std::vector<std::string>{});
  for (const Json& event : json.value("events", Json::array())) {
    curve.solution.events.push_back({.name = event.at("name").get<std::string>(),
                                     .time = event.at("time").get<double>(),
                                     .replica = integer(event, "replica") - 1});
  }
  const Json& ending = json.at("ending");
  curve.solution.ending = {
      .termination = parse_name(ending.at("termination").get<std::string>(), terminations),
      .step = integer(ending, "step", -1),
      .detail = ending.at("detail").get<std::string>()};
  curve.solution.cost = {.wall_time_s = json.at("wall_time_s").get<double>(),
                         .replicas = integer(json, "replicas"),
                         .samples_per_replica = integer(json, "samples_per_replica")};
  return curve;
}

PairComparison pair_from(const Json& json) {
  constexpr std::array verdicts{Verdict::agree, Verdict::disagree, Verdict::undecided};
  const Json& z = json.at("largest_z");
  Comparison comparison;
  comparison.verdict = parse_name(json.at("verdict").get<std::string>(), verdicts);
  comparison.largest_z = z.is_null() ? std::numeric_limits<double>::infinity() : z.get<double>();
  comparison.quantity = json.at("quantity").get<std::string>();
  comparison.i = integer(json, "i");
  comparison.j = integer(json, "j");
  comparison.step = integer(json, "step", -1);
  comparison.moment = json.value("moment", "step " + std::to_string(comparison.step));
  comparison.n_values = integer(json, "n_values");
  comparison.allowed_z = json.at("allowed_z").get<double>();
  comparison.notes = json.value("notes", std::vector<std::string>{});
  return {json.at("theory").get<std::string>(), json.at("simulation").get<std::string>(),
          comparison};
}

/// Nests end the stack of the writer, which goes down level by level.
Json parsed_json(std::string_view text) {
  constexpr int deepest = 100;
  return Json::parse(text, [](int depth, Json::parse_event_t, Json&) {
    if (depth > deepest) throw InputError("nested deeper than " + std::to_string(deepest));
    return true;
  });
}

[[noreturn]] void refuse_summary(std::string_view source, const std::exception& error) {
  throw InputError(std::string(source) + ": not a summary of a run: " + error.what());
}

}  // namespace

FileMark mark_of(const std::filesystem::path& file, const std::string& name) {
  std::ifstream in(file, std::ios::binary);
  FileMark mark{.name = name, .bytes = 0, .checksum = ""};
  std::uint64_t hash = fnv1a("");
  std::vector<char> part(1 << 20);
  while (in) {
    in.read(part.data(), static_cast<std::streamsize>(part.size()));
    const auto n = static_cast<std::size_t>(in.gcount());
    hash = fnv1a({part.data(), n}, hash);
    mark.bytes += n;
  }
  if (!in.eof()) throw Error(file.string() + ": cannot be read");
  std::ostringstream text;
  text << std::hex << std::setw(16) << std::setfill('0') << hash;
  mark.checksum = text.str();
  return mark;
}

std::vector<FileMark> file_marks(std::string_view summary, std::string_view source) {
  try {
    std::vector<FileMark> marks;
    for (const Json& mark : parsed_json(summary).value("files", Json::array())) {
      marks.push_back({.name = mark.at("name").get<std::string>(),
                       .bytes = static_cast<std::uint64_t>(integer(mark, "bytes")),
                       .checksum = mark.at("checksum").get<std::string>()});
    }
    return marks;
  } catch (const std::exception& error) {
    refuse_summary(source, error);
  }
}

std::string summary_json(const Results& results, const std::vector<FileMark>& files) {
  Json json{{"title", results.title},
            {"reprise", results.version},
            {"status", results.is_stopped        ? "stopped"
                       : results.has_completed() ? "completed"
                                                 : "incomplete"},
            {"threads", results.threads},
            {"time_scale", results.has_log_times ? "log" : "linear"},
            {"wall_time_s", results.wall_time_s},
            {"peak_memory_bytes", results.peak_memory_bytes},
            {"curves", Json::array()},
            {"comparisons", Json::array()},
            {"files", Json::array()},
            {"experiment", Json::parse(results.resolved_experiment)}};
  for (const CurveResult& curve : results.curves) json["curves"].push_back(json_of(curve));
  for (const PairComparison& pair : results.comparisons)
    json["comparisons"].push_back(json_of(pair));
  for (const FileMark& file : files) {
    json["files"].push_back(
        {{"name", file.name}, {"bytes", file.bytes}, {"checksum", file.checksum}});
  }
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

Results parse_summary(std::string_view text, std::string_view source) {
  try {
    const Json json = parsed_json(text);
    Results results{.title = json.at("title").get<std::string>(),
                    .version = json.at("reprise").get<std::string>(),
                    .resolved_experiment = json.at("experiment").dump(2),
                    .figure = read_figure_keys(parse_json(json.at("experiment").dump(), source)),
                    .is_stopped = json.value("status", "") == "stopped",
                    .has_log_times = json.value("time_scale", "linear") == "log",
                    .wall_time_s = json.at("wall_time_s").get<double>(),
                    .peak_memory_bytes = integer(json, "peak_memory_bytes"),
                    .threads = static_cast<int>(integer(json, "threads"))};
    std::set<std::string> names;
    for (const Json& curve : json.at("curves")) {
      results.curves.push_back(curve_from(curve));
      const std::string& name = results.curves.back().name;
      if (!names.insert(name).second) throw InputError("curve \"" + name + "\" stands twice");
    }
    for (const Json& pair : json.at("comparisons")) {
      results.comparisons.push_back(pair_from(pair));
      for (const std::string& name :
           {results.comparisons.back().theory, results.comparisons.back().simulation}) {
        if (!names.contains(name)) throw InputError("compared curve \"" + name + "\" is missing");
      }
    }
    return results;
  } catch (const std::exception& error) {
    refuse_summary(source, error);
  }
}

}  // namespace reprise
