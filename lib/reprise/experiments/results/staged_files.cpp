#include "reprise/experiments/results/staged_files.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>

#include "reprise/core/error.hpp"

namespace reprise {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view staged_suffix = ".partial";

[[noreturn]] void cannot_write(const fs::path& file, int error) {
  throw Error(file.string() + ": cannot be written: " + std::strerror(error));
}

/// A file's bytes or a folder's names are on the disk afterwards; 0, or what went wrong.
int synchronise(const fs::path& path) {
  const int descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return errno;
  const bool failed = fsync(descriptor) != 0 && errno != EINVAL;  // EINVAL: it has no such thing
  const int error = failed ? errno : 0;
  close(descriptor);
  return error;
}

}  // namespace

StagedFiles::~StagedFiles() {
  std::error_code ignored;
  for (const std::string& name : names_) fs::remove(staged(name), ignored);
}

fs::path StagedFiles::staged(const std::string& name) const {
  return folder_ / (name + std::string(staged_suffix));
}

void StagedFiles::add(const std::string& name, const std::function<void(const fs::path&)>& write) {
  names_.push_back(name);
  write(staged(name));
  if (const int error = synchronise(staged(name)); error != 0) cannot_write(folder_ / name, error);
}

void StagedFiles::add(const std::string& name, std::string_view text) {
  add(name, [&](const fs::path& file) {
    errno = 0;
    std::ofstream out(file, std::ios::binary);
    out.write(text.data(), static_cast<std::streamsize>(text.size()));
    out.close();
    if (!out) cannot_write(folder_ / name, errno == 0 ? EIO : errno);
  });
}

void StagedFiles::commit(const std::vector<std::string>& earlier) {
  std::error_code ignored;
  for (const std::string& name : earlier) {
    if (std::ranges::find(names_, name) == names_.end()) fs::remove(folder_ / name, ignored);
  }
  while (!names_.empty()) {
    const std::string name = names_.front();
    std::error_code error;
    fs::rename(staged(name), folder_ / name, error);
    if (error) cannot_write(folder_ / name, error.value());
    names_.erase(names_.begin());
  }
  synchronise(folder_.empty() ? fs::path(".") : folder_);
}

void write_atomically(const fs::path& file, const std::function<void(const fs::path&)>& write) {
  StagedFiles files(file.parent_path());
  files.add(file.filename().string(), write);
  files.commit();
}

void write_text(const fs::path& file, std::string_view text) {
  StagedFiles files(file.parent_path());
  files.add(file.filename().string(), text);
  files.commit();
}

void remove_staged(const fs::path& folder, const std::vector<std::string>& names) {
  std::error_code error;
  std::vector<fs::path> found;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    const std::string file = entry.path().filename().string();
    // libzip adds letters of its own to the name that it was given.
    if (std::ranges::any_of(names, [&](const std::string& name) {
          return file.starts_with(name + std::string(staged_suffix));
        })) {
      found.push_back(entry.path());
    }
  }
  for (const fs::path& file : found) fs::remove(file, error);
}

}  // namespace reprise
