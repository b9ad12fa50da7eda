// A folder that one run at a time writes to.
#pragma once

#include <filesystem>
#include <vector>

namespace reprise {

/// Makes the folder where there is none, and keeps other runs out of it until this ends, however
/// the program ends. Folders that it made and that stayed empty are gone then.
/// Throws Error if the folder cannot be made, or if another run has it.
///
/// NOTE: on a file system without locks (some network disks) nobody is kept out.
class FolderLock {
 public:
  explicit FolderLock(const std::filesystem::path& folder);
  ~FolderLock();
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;

 private:
  std::vector<std::filesystem::path> made_;  // the deepest first
  int descriptor_ = -1;
};

}  // namespace reprise
