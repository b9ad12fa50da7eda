#include "reprise/core/faults.hpp"

#include <algorithm>

namespace reprise {

namespace {

std::string lines_of(const std::vector<std::string>& faults) {
  std::string text;
  for (const std::string& fault : faults) text += (text.empty() ? "" : "\n") + fault;
  return text;
}

}  // namespace

InputErrors::InputErrors(std::vector<std::string> faults)
    : InputError(lines_of(faults)), faults_(std::move(faults)) {}

std::vector<std::string> faults_of(const InputError& error) {
  if (const auto* several = dynamic_cast<const InputErrors*>(&error)) return several->faults();
  return {error.what()};
}

void Faults::add(std::string fault) {
  if (std::ranges::find(faults_, fault) == faults_.end()) faults_.push_back(std::move(fault));
}

void Faults::throw_if_any() const {
  if (faults_.size() == 1) throw InputError(faults_.front());
  if (!faults_.empty()) throw InputErrors(faults_);
}

}  // namespace reprise
