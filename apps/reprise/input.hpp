// The texts that commands are given: files, names that come with the program, standard input.
#pragma once

#include <string>

namespace reprise::app {

/// The name under which standard input is given.
constexpr const char* standard_input = "-";

struct InputText {
  std::string text;
  std::string source;  ///< as errors name it: the path of the file, "standard input"
};

/// Of a file, a shipped experiment or "-". Throws InputError for what is none of them, and for
/// standard input that is empty or was read before.
InputText read_input(const std::string& file_or_name);

}  // namespace reprise::app
