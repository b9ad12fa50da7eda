// Keeps what titles and names hold from steering the terminal.
#pragma once

#include <ostream>
#include <streambuf>
#include <string>
#include <string_view>

namespace reprise::app {

/// The text with control characters, but line breaks and tabs, written out: "\x1b[31m".
std::string printable(std::string_view text);

/// The text with the middle of lines of more than 500 letters left out.
std::string shortened(std::string_view text);

/// While it lives, all that goes into a stream comes out printable.
class PrintableStream : public std::streambuf {
 public:
  explicit PrintableStream(std::ostream& stream);
  ~PrintableStream() override;
  PrintableStream(const PrintableStream&) = delete;
  PrintableStream& operator=(const PrintableStream&) = delete;

 private:
  int_type overflow(int_type letter) override;
  std::streamsize xsputn(const char* text, std::streamsize size) override;
  int sync() override;

  std::ostream& stream_;
  std::streambuf* destination_;
};

}  // namespace reprise::app
