#include <algorithm>
#include <utility>

#include "reprise/model/expression.hpp"

namespace reprise {

namespace {

// Longer texts are shown around the place only.
constexpr std::size_t shown_before = 60;
constexpr std::size_t shown_after = 40;

bool continues_character(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

std::string with_caret(std::string_view text, std::size_t position) {
  std::size_t begin = position > shown_before ? position - shown_before : 0;
  std::size_t end = std::min(text.size(), position + shown_after);
  while (begin > 0 && continues_character(text[begin])) --begin;
  while (end < text.size() && continues_character(text[end])) ++end;
  std::string line = begin > 0 ? "  ..." : "  ";
  std::string caret(line.size(), ' ');
  for (std::size_t i = begin; i < end; ++i) {
    const bool is_control = static_cast<unsigned char>(text[i]) < 0x20 || text[i] == 0x7F;
    line += is_control ? ' ' : text[i];
    if (i < position && !continues_character(text[i])) caret += ' ';
  }
  return line + (end < text.size() ? "...\n" : "\n") + caret + "^";
}

}  // namespace

ExpressionError::ExpressionError(std::string_view text, std::size_t position, std::string reason)
    : InputError("expression: " + reason + "\n" + with_caret(text, position)),
      position_(position),
      reason_(std::move(reason)) {}

}  // namespace reprise
