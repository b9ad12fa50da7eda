// How the figure looks: colours, dashes, markers and the sizes of its parts.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "reprise/experiments/figure/figure.hpp"

namespace reprise::figure_style {

// Okabe and Ito's colours without the yellow, which paper swallows; told apart by the usual colour
// blindnesses. Neighbours differ in lightness, so that they do in grey as well.
inline constexpr std::array<const char*, 8> colours{"#0072B2", "#D55E00", "#009E73", "#CC79A7",
                                                    "#000000", "#E69F00", "#56B4E9", "#7F7F7F"};
inline constexpr std::array<const char*, 5> dashes{"1", "(8,4)", "(2,3)", "(10,3,2,3)", "(5,2)"};
inline constexpr std::array<int, 6> markers{6, 2,  4,
                                            8, 12, 1};  // circle, cross, square, triangles, plus

// Centimetres. A paper's text is about 17 wide; text of 8 points is 0.28 high.
inline constexpr double width = 17.0;
inline constexpr double panel_left = 1.3, panel_right = 0.75;  // tic labels; entry labels
inline constexpr double curves_height = 4.4, differences_height = 3.0;
inline constexpr double gap = 0.75, below = 1.15, heading_height = 1.1, legend_line = 0.5;
inline constexpr double title_height = 0.75, label_spacing = 0.34, character_width = 0.165;

/// "svg" or "pngcairo" with its size and fonts; text of 8 points, at 300 dots per inch in png.
std::string terminal(FigureFormat format, double width_cm, double height_cm);

/// How every script begins: from gnuplot's defaults, whatever the user's settings are.
///
/// terminal  as `set terminal` takes it
/// output    the file to write, in the working directory
std::string preamble(const std::string& terminal, const std::string& output);

/// Text as a gnuplot string that nothing inside can end, mark up or run.
std::string in_quotes(std::string_view text);

}  // namespace reprise::figure_style
