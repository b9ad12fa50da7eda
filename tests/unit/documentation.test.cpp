// The documentation as a test: what it names exists, what is cited has a source.
#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <set>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;

const fs::path root = REPRISE_SOURCE_DIR;

std::string contents_of(const fs::path& name) {
  std::ifstream file(name);
  REQUIRE(file.good());
  return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<std::string> matches(const std::string& text, const char* pattern) {
  const std::regex regex(pattern);
  std::vector<std::string> found;
  for (std::sregex_iterator it(text.begin(), text.end(), regex), end; it != end; ++it) {
    found.push_back((*it)[1]);
  }
  return found;
}

bool exists(const std::string& path) {
  return fs::exists(root / path) || fs::exists(root / "lib/reprise" / path) ||
         fs::exists(root / "lib/reprise" / (path + ".cpp"));
}

// Files of the repository that people read or edit.
std::vector<fs::path> sources() {
  std::vector<fs::path> files;
  for (const char* folder : {"lib", "apps", "tests", "data"}) {
    for (const auto& entry : fs::recursive_directory_iterator(root / folder)) {
      const std::string suffix = entry.path().extension().string();
      for (const char* known : {".md", ".hpp", ".cpp", ".toml"}) {
        if (suffix == known) files.push_back(entry.path());
      }
    }
  }
  files.push_back(root / "README.md");
  return files;
}

}  // namespace

TEST_CASE("documentation: every section of the theory names the file of its equation") {
  const std::string theory = contents_of(root / "lib/THEORY.md");
  std::size_t begin = theory.find("\n## ");
  int n_sections = 0;
  while (begin != std::string::npos) {
    const std::size_t end = theory.find("\n## ", begin + 1);
    const std::string section = theory.substr(begin + 1, end - begin - 1);
    begin = end;
    if (section.starts_with("## Conventions")) continue;
    CAPTURE(section.substr(0, section.find('\n')));
    const std::vector<std::string> named = matches(section, "`([a-zA-Z_0-9./]+/[a-zA-Z_0-9./]*)`");
    CHECK_FALSE(named.empty());
    for (const std::string& path : named) {
      CAPTURE(path);
      CHECK(exists(path));
    }
    ++n_sections;
  }
  CHECK(n_sections >= 15);
}

TEST_CASE("documentation: every citation has a source, and every source is cited") {
  const std::vector<std::string> keys =
      matches(contents_of(root / "lib/SOURCES.md"), "\n\\| ([A-Z][A-Za-z]+[0-9]{4}[a-z]?) \\|");
  const std::set<std::string> known(keys.begin(), keys.end());
  CHECK(known.size() == keys.size());
  std::set<std::string> cited;
  for (const fs::path& file : sources()) {
    if (file.filename() == "SOURCES.md") continue;
    for (const std::string& key :
         matches(contents_of(file), "\\b([A-Z][A-Za-z]+(?:19|20)[0-9]{2}[a-z]?)\\b")) {
      CAPTURE(file.string());
      CAPTURE(key);
      CHECK(known.contains(key));
      cited.insert(key);
    }
  }
  CHECK(cited == known);
}
