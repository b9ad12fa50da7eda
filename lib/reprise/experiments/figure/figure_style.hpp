// How every figure looks: colours, dashes, markers, text, and pages laid out in centimetres.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "reprise/experiments/figure/figure.hpp"
#include "reprise/experiments/figure/figure_layout.hpp"

namespace reprise::figure_style {

// Okabe and Ito's colours without the yellow, which paper swallows; told apart by the usual colour
// blindnesses. Neighbours differ in lightness, so that they do in grey as well.
inline constexpr std::array<const char*, 8> colours{"#0072B2", "#D55E00", "#009E73", "#CC79A7",
                                                    "#000000", "#E69F00", "#56B4E9", "#7F7F7F"};
inline constexpr std::array<const char*, 5> dashes{"1", "(8,4)", "(2,3)", "(10,3,2,3)", "(5,2)"};
inline constexpr std::array<int, 6> markers{6, 2,  4,
                                            8, 12, 1};  // circle, cross, square, triangles, plus
/// Of maps, evenly spaced from low to high.
inline constexpr std::array<const char*, 5> sequential{"#440154", "#3B528B", "#21918C", "#5EC962",
                                                       "#FDE725"};
/// From negative to positive.
inline constexpr const char* diverging = "(-1 '#0072B2', 0 '#FFFFFF', 1 '#D55E00')";

// Centimetres at print size, where text is 7.5 points.
inline constexpr double cm_per_inch = 2.54;
inline constexpr double lone_panel = 4.7;  // inches: the page of one panel
inline constexpr double line_height = 0.42, character_width = 0.155;
inline constexpr double margin = 0.3;  // of the page

/// `sequential` as gnuplot's palette.
std::string sequential_palette();
/// The colour of `sequential` at 0 to 1 of its way, "#21918C", without the lightest tenth, which
/// paper swallows.
std::string shade(double place);

/// Text as a gnuplot string that nothing inside can end, mark up or run.
std::string in_quotes(std::string_view text);

/// Lines of at most `width` cm, broken between words; "..." where there are more than `most`.
std::vector<std::string> wrapped(const std::string& text, double width, std::size_t most);

/// In cm: as the keys say, else that of one panel or of two columns.
double width_of_page(const FigureKeys& keys, std::size_t n_panels);
/// By how much the axes, `axes` cm high in all, are stretched so that the page is as high as the
/// keys say; 1 where they say nothing.
///
/// fixed  the rest of the page's height in cm
/// Throws InputError where less than 0.4 of the axes would be left.
double stretch_of_axes(const FigureKeys& keys, double fixed, double axes);

/// A rectangle of a page, from its top left corner.
struct Box {
  double left = 0, right = 0, top = 0, bottom = 0;

  double width() const { return right - left; }
  double height() const { return bottom - top; }
};

/// A page of a figure and the commands for places on it.
class Page {
 public:
  Page(FigureFormat format, double width_cm, double height_cm)
      : format_(format), width_(width_cm), height_(height_cm) {}

  double width() const { return width_; }
  double height() const { return height_; }

  /// How every script begins: from gnuplot's defaults, whatever the user's settings are.
  ///
  /// output  the file to write, in the working directory
  std::string begin(const std::string& output) const;
  /// "screen 0.1, screen 0.9"
  std::string at(double left, double top) const;
  /// The axes of the next plot fill the box.
  std::string margins(const Box& box) const;
  /// A size relative to that of the text.
  std::string font(double relative) const;
  /// Text that means nothing but itself, its left end there.
  std::string text(const std::string& text, double left, double top) const;

 private:
  FigureFormat format_;
  double width_, height_;
};

/// Range, scale and tics of "x", "y" or "cb", whose numbers stand `unit` times smaller than the
/// data; without labels where others below have them.
std::string axis(const char* name, const PlotAxis& axis, bool has_labels = true);

/// A name and how it is drawn.
struct LegendItem {
  std::string text;
  std::string line = {};   ///< style of a line; empty: none
  std::string point = {};  ///< style of a point; empty: none
  std::string fill = {};   ///< colour of a patch; empty: none
  bool has_bar = false;    ///< an error bar
};

/// Items in lines, left to right, as many as fit.
class Legend {
 public:
  Legend(std::vector<LegendItem> items, double left, double right);
  double height() const;
  std::string script(const Page& page, double top) const;

 private:
  struct Placed {
    LegendItem item;
    double left;
    int line;
  };
  std::vector<Placed> items_;
  int n_lines_ = 0;
};

}  // namespace reprise::figure_style
