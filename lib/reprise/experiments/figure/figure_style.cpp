#include "reprise/experiments/figure/figure_style.hpp"

#include <cmath>

namespace reprise::figure_style {

// Some of gnuplot's commands do not take '' for an apostrophe in single quotes. In double ones,
// what ends a text, is replaced in it or runs a command is written by its number.
std::string in_quotes(std::string_view text) {
  const bool is_plain = text.find('\'') == std::string_view::npos;
  std::string result(1, is_plain ? '\'' : '"');
  for (const char c : text) {
    if (static_cast<unsigned char>(c) < ' ' || c == '\x7f') {
      result += ' ';
    } else if (!is_plain && std::string_view("\"\\`@$").find(c) != std::string_view::npos) {
      result += '\\';
      for (const int digit : {c / 64, c / 8 % 8, c % 8}) result += static_cast<char>('0' + digit);
    } else {
      result += c;
    }
  }
  return result + (is_plain ? '\'' : '"');
}

std::string terminal(FigureFormat format, double width_cm, double height_cm) {
  const bool is_svg = format == FigureFormat::svg;
  const double pixels_per_cm = (is_svg ? 96 : 300) / 2.54;
  const auto size = [&](double cm) { return std::to_string(std::lround(cm * pixels_per_cm)); };
  return (is_svg ? "svg size " : "pngcairo size ") + size(width_cm) + "," + size(height_cm) +
         (is_svg ? " enhanced font 'DejaVu Sans,10' linewidth 1"
                 : " enhanced font 'DejaVu Sans,7.5' fontscale 3.125 linewidth 3.125 pointscale "
                   "3.125") +
         " background '#FFFFFF'";
}

std::string preamble(const std::string& terminal, const std::string& output) {
  return "reset\nset encoding utf8\nset minussign\nset terminal " + terminal + "\nset output " +
         in_quotes(output) + "\n";
}

}  // namespace reprise::figure_style
