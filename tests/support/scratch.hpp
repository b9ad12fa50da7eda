// A folder for the files of one test.
#pragma once

#include <unistd.h>

#include <filesystem>
#include <string>

namespace reprise::test {

/// Empty at first, of its process alone; gone with everything in it at the end.
struct Scratch {
  std::filesystem::path path =
      std::filesystem::temp_directory_path() / ("reprise_test_" + std::to_string(getpid()));

  Scratch() {
    std::filesystem::remove_all(path);
    std::filesystem::create_directories(path);
  }
  ~Scratch() { std::filesystem::remove_all(path); }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
};

}  // namespace reprise::test
