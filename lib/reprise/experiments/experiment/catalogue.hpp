// The experiments that come with Reprise.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace reprise {

struct ShippedExperiment {
  std::string name;   ///< "dandi2024/benchmark_a"
  std::string title;  ///< of the experiment
  std::filesystem::path file;
  bool is_sweep = false;  ///< for `reprise sweep`, not `run`
};

struct ShippedGroup {
  std::string name;   ///< "dandi2024", "examples"
  std::string title;  ///< first heading of the group's README.md, or its name
  std::vector<ShippedExperiment> experiments;
};

/// What data/papers/*/*.toml, data/studies/*/*.toml and data/examples/*.toml hold, sorted by name.
/// Throws InputError if there is no such data folder, or a file in it is not TOML.
std::vector<ShippedGroup> shipped_experiments(const std::filesystem::path& data);

/// The file that a person means: a path to an existing file, else the name of a shipped experiment.
/// Throws InputError naming the nearest shipped name if it is neither.
std::filesystem::path find_experiment(const std::string& file_or_name,
                                      const std::filesystem::path& data);

/// BibTeX of the paper that a group ("dandi2024") or one of its experiments
/// ("dandi2024/benchmark_a") reproduces: data/papers/<paper>/paper.bib. Throws InputError naming
/// the nearest paper if there is none of that name: examples and studies are Reprise's own.
std::string citation(const std::string& name, const std::filesystem::path& data);

}  // namespace reprise
