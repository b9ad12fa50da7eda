// Files that appear under their names only when they are whole and on the disk.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace reprise {

/// Files of a folder that are first written beside their names and then get them together.
/// What has no name of its own yet when this ends is removed.
class StagedFiles {
 public:
  explicit StagedFiles(std::filesystem::path folder) : folder_(std::move(folder)) {}
  ~StagedFiles();
  StagedFiles(const StagedFiles&) = delete;
  StagedFiles& operator=(const StagedFiles&) = delete;

  /// Calls `write` with the path to write to. Throws Error naming the file if its bytes do not get
  /// to the disk.
  void add(const std::string& name, const std::function<void(const std::filesystem::path&)>& write);
  void add(const std::string& name, std::string_view text);

  /// Where a file that was added is until it gets its name.
  std::filesystem::path staged(const std::string& name) const;

  /// Gives each its name, in the order in which they were added.
  ///
  /// earlier  names that files of an earlier run may have; those that are not added now are removed
  void commit(const std::vector<std::string>& earlier = {});

 private:
  std::filesystem::path folder_;
  std::vector<std::string> names_;  // of those that are only staged
};

/// One such file.
void write_atomically(const std::filesystem::path& file,
                      const std::function<void(const std::filesystem::path&)>& write);
void write_text(const std::filesystem::path& file, std::string_view text);

/// Removes what killed programs have left behind of files of these names.
void remove_staged(const std::filesystem::path& folder, const std::vector<std::string>& names);

}  // namespace reprise
