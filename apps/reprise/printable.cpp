#include "reprise/printable.hpp"

#include <algorithm>

namespace reprise::app {

std::string printable(std::string_view text) {
  constexpr char digits[] = "0123456789abcdef";
  std::string result;
  for (std::size_t at = 0; at < text.size(); ++at) {
    auto code = static_cast<unsigned char>(text[at]);
    bool is_control = (code < ' ' && code != '\n' && code != '\t') || code == 0x7f;
    if (code == 0xc2 && at + 1 < text.size()) {  // the controls from U+0080 to U+009F, in UTF-8
      const auto next = static_cast<unsigned char>(text[at + 1]);
      is_control = next >= 0x80 && next < 0xa0;
      if (is_control) {
        code = next;
        ++at;
      }
    }
    if (is_control) {
      result += std::string("\\x") + digits[code / 16] + digits[code % 16];
    } else {
      result += text[at];
    }
  }
  return result;
}

std::string shortened(std::string_view text) {
  constexpr std::size_t most_begin = 300, most_end = 200;
  const auto is_inside_letter = [&](std::size_t at) {  // of UTF-8
    return (static_cast<unsigned char>(text[at]) & 0xC0U) == 0x80U;
  };
  std::string result;
  while (true) {
    const std::size_t length = std::min(text.find('\n'), text.size());
    if (length <= most_begin + most_end) {
      result += text.substr(0, length);
    } else {
      std::size_t begin = most_begin, end = length - most_end;
      while (begin > 0 && is_inside_letter(begin)) --begin;
      while (end < length && is_inside_letter(end)) ++end;
      result += std::string(text.substr(0, begin)) + "... (" + std::to_string(end - begin) +
                " letters) ..." + std::string(text.substr(end, length - end));
    }
    if (length == text.size()) return result;
    result += '\n';
    text.remove_prefix(length + 1);
  }
}

PrintableStream::PrintableStream(std::ostream& stream)
    : stream_(stream), destination_(stream.rdbuf(this)) {}

PrintableStream::~PrintableStream() { stream_.rdbuf(destination_); }

PrintableStream::int_type PrintableStream::overflow(int_type letter) {
  if (traits_type::eq_int_type(letter, traits_type::eof())) return traits_type::not_eof(letter);
  const char text = traits_type::to_char_type(letter);
  return xsputn(&text, 1) == 1 ? letter : traits_type::eof();
}

std::streamsize PrintableStream::xsputn(const char* text, std::streamsize size) {
  const std::string clean = printable({text, static_cast<std::size_t>(size)});
  const auto length = static_cast<std::streamsize>(clean.size());
  return destination_->sputn(clean.data(), length) == length ? size : 0;
}

int PrintableStream::sync() { return destination_->pubsync(); }

}  // namespace reprise::app
