// The text of the InputError that a call throws, to check what a user gets to read.
#pragma once

#include <string>

#include "reprise/core/error.hpp"

namespace reprise::test {

/// what() of the InputError that function() throws, "(no error)" if it returns. Other exceptions
/// pass through.
template <class Function>
std::string message_of(Function function) {
  try {
    function();
  } catch (const InputError& error) {
    return error.what();
  }
  return "(no error)";
}

/// Whether the text contains the part: CHECK(contains(message, "got -1")).
inline bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace reprise::test
