#include "reprise/experiments/figure/figure_style.hpp"

#include <cmath>

namespace reprise::figure_style {

std::string in_quotes(std::string_view text) {
  std::string result = "'";
  for (const char c : text) {
    if (c == '\'') result += '\'';
    result += static_cast<unsigned char>(c) < ' ' ? ' ' : c;
  }
  return result + "'";
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
