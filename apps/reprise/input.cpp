#include "reprise/input.hpp"

#include <iostream>
#include <iterator>

#include "reprise/core/error.hpp"
#include "reprise/data_folder.hpp"
#include "reprise/experiments/document/document.hpp"
#include "reprise/experiments/experiment/catalogue.hpp"

namespace reprise::app {

InputText read_input(const std::string& file_or_name) {
  if (file_or_name == standard_input) {
    InputText input{{std::istreambuf_iterator<char>(std::cin), {}}, "standard input"};
    if (!input.text.empty()) return input;
    throw InputError("standard input: has no text, or it was read before: - can be given once");
  }
  const std::filesystem::path file = find_experiment(file_or_name, data_folder());
  return {read_text_file(file), file.string()};
}

}  // namespace reprise::app
