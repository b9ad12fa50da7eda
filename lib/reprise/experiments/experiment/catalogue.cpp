#include "reprise/experiments/experiment/catalogue.hpp"

#include <algorithm>
#include <sstream>

#include "reprise/core/error.hpp"
#include "reprise/core/nearest_name.hpp"
#include "reprise/experiments/document/document.hpp"

namespace reprise {

namespace fs = std::filesystem;

namespace {

std::vector<fs::path> sorted_entries(const fs::path& folder) {
  std::vector<fs::path> entries;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) entries.push_back(entry.path());
  std::sort(entries.begin(), entries.end());
  return entries;
}

std::string title_of_readme(const fs::path& file, const std::string& fallback) {
  if (!fs::exists(file)) return fallback;
  std::istringstream lines(read_text_file(file));
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("# ")) return line.substr(2);
  }
  return fallback;
}

ShippedExperiment shipped_in(const fs::path& file, const std::string& group) {
  const DocumentValue document = parse_toml(read_text_file(file), file.string());
  const DocumentValue* title = document.find("title");
  return {group + "/" + file.stem().string(), title == nullptr ? "" : title->text, file,
          document.find("sweep") != nullptr};
}

ShippedGroup group_in(const fs::path& folder) {
  const std::string name = folder.filename().string();
  ShippedGroup group{name, title_of_readme(folder / "README.md", name), {}};
  for (const fs::path& file : sorted_entries(folder)) {
    if (file.extension() != ".toml") continue;
    group.experiments.push_back(shipped_in(file, name));
  }
  return group;
}

}  // namespace

std::vector<ShippedGroup> shipped_experiments(const fs::path& data) {
  if (!fs::is_directory(data)) {
    throw InputError(data.string() +
                     ": the folder of experiments is not there; REPRISE_DATA can name another");
  }
  std::vector<ShippedGroup> groups;
  std::vector<fs::path> folders = sorted_entries(data / "papers");
  for (const fs::path& study : sorted_entries(data / "studies")) folders.push_back(study);
  folders.push_back(data / "examples");
  for (const fs::path& folder : folders) {
    ShippedGroup group = group_in(folder);
    if (!group.experiments.empty()) groups.push_back(std::move(group));
  }
  return groups;
}

fs::path find_experiment(const std::string& file_or_name, const fs::path& data) {
  std::error_code ignored;
  if (fs::exists(file_or_name, ignored)) return file_or_name;
  std::vector<std::string> names;
  if (fs::is_directory(data, ignored)) {
    for (const ShippedGroup& group : shipped_experiments(data)) {
      for (const ShippedExperiment& shipped : group.experiments) {
        if (shipped.name == file_or_name) return shipped.file;
        names.push_back(shipped.name);
      }
    }
  }
  const std::vector<std::string_view> known(names.begin(), names.end());
  throw InputError(file_or_name + ": neither a file nor an experiment that comes with Reprise" +
                   did_you_mean(file_or_name, known));
}

std::string citation(const std::string& name, const fs::path& data) {
  const std::string paper = name.substr(0, name.find('/'));
  std::vector<std::string> names;
  for (const fs::path& folder : sorted_entries(data / "papers")) {
    const fs::path file = folder / "paper.bib";
    if (!fs::exists(file)) continue;
    names.push_back(folder.filename().string());
    if (names.back() == paper) return read_text_file(file);
  }
  const std::vector<std::string_view> known(names.begin(), names.end());
  throw InputError(name + ": no paper of that name comes with Reprise" +
                   did_you_mean(paper, known) + "; `reprise list` has them all");
}

}  // namespace reprise
