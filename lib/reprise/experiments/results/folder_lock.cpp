#include "reprise/experiments/results/folder_lock.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>

#include "reprise/core/error.hpp"

namespace reprise {

namespace fs = std::filesystem;

FolderLock::FolderLock(const fs::path& folder) {
  std::error_code error;
  for (fs::path at = fs::absolute(folder); !fs::exists(at, error) && at.has_relative_path();
       at = at.parent_path()) {
    made_.push_back(at);
  }
  fs::create_directories(folder, error);
  if (error) throw Error(folder.string() + ": cannot be created: " + error.message());
  // The folder itself is what is locked: no file is left behind, and a killed run holds nothing.
  descriptor_ = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor_ < 0 || flock(descriptor_, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK) return;
  close(descriptor_);
  throw Error(folder.string() +
              ": another run is writing to this folder; wait until it has ended, or name another "
              "folder with --out");
}

FolderLock::~FolderLock() {
  if (descriptor_ >= 0) close(descriptor_);
  std::error_code is_in_use;
  for (const fs::path& folder : made_) fs::remove(folder, is_in_use);
}

}  // namespace reprise
