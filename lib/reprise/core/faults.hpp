// Everything that is wrong with an input, found in one reading.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "reprise/core/error.hpp"

namespace reprise {

/// An input with several things wrong; what() has a line for each.
class InputErrors : public InputError {
 public:
  explicit InputErrors(std::vector<std::string> faults);
  const std::vector<std::string>& faults() const { return faults_; }

 private:
  std::vector<std::string> faults_;
};

/// The sentences of an error, one for each thing that is wrong.
std::vector<std::string> faults_of(const InputError& error);

/// Collects what the parts of a reading find wrong, each sentence once.
class Faults {
 public:
  /// Runs a part and keeps what it throws. Returns whether it found nothing wrong.
  template <class Part>
  bool collect(const Part& part) {
    try {
      part();
      return true;
    } catch (const InputError& error) {
      for (std::string& fault : faults_of(error)) add(std::move(fault));
      return false;
    }
  }
  void add(std::string fault);

  bool is_empty() const { return faults_.empty(); }
  const std::vector<std::string>& all() const { return faults_; }
  /// Throws InputError for one, InputErrors for several.
  void throw_if_any() const;

 private:
  std::vector<std::string> faults_;
};

}  // namespace reprise
