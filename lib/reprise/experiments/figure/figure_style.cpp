#include "reprise/experiments/figure/figure_style.hpp"

#include <algorithm>
#include <cmath>

#include "reprise/core/error.hpp"
#include "reprise/core/number_text.hpp"

namespace reprise::figure_style {

namespace {

constexpr double sample_gap = 0.15, item_gap = 0.5;

double sample_width(const LegendItem& item) { return item.line.empty() ? 0.4 : 0.85; }

}  // namespace

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

std::string sequential_palette() {
  std::string text;
  for (std::size_t i = 0; i < sequential.size(); ++i) {
    text += (i == 0 ? "(" : ", ") + std::to_string(i) + " '" + sequential[i] + "'";
  }
  return text + ")";
}

std::string shade(double place) {
  const double at = 0.9 * place * static_cast<double>(sequential.size() - 1);
  const auto left = std::min(static_cast<std::size_t>(at), sequential.size() - 2);
  const double part = at - static_cast<double>(left);
  const auto channel = [](const char* colour, std::size_t i) {
    return std::stoi(std::string(colour).substr(1 + 2 * i, 2), nullptr, 16);
  };
  std::string text = "#";
  for (std::size_t i = 0; i < 3; ++i) {
    const auto value = static_cast<unsigned>(std::lround((1 - part) * channel(sequential[left], i) +
                                                         part * channel(sequential[left + 1], i)));
    text += "0123456789ABCDEF"[value / 16];
    text += "0123456789ABCDEF"[value % 16];
  }
  return text;
}

std::vector<std::string> wrapped(const std::string& text, double width, std::size_t most) {
  const auto n_fit = std::max<std::size_t>(4, static_cast<std::size_t>(width / character_width));
  std::vector<std::string> lines;
  std::size_t begin = 0;
  while (begin < text.size() && lines.size() < most) {
    const std::string rest = text.substr(begin);
    if (n_letters(rest) <= n_fit) {
      lines.push_back(rest);
      return lines;
    }
    const bool is_last = lines.size() + 1 == most;
    std::size_t end = prefix_of_letters(rest, is_last ? n_fit - 3 : n_fit);
    const std::size_t space = rest.rfind(' ', end);
    if (space != std::string::npos && space > end / 2) end = space;
    lines.push_back(rest.substr(0, end) + (is_last ? "..." : ""));
    begin += end;
    while (begin < text.size() && text[begin] == ' ') ++begin;
  }
  return lines;
}

double width_of_page(const FigureKeys& keys, std::size_t n_panels) {
  const double inches = n_panels == 1 ? lone_panel : FigureWidth::double_column;
  return cm_per_inch * keys.width.value_or(FigureWidth{inches}).inches;
}

double stretch_of_axes(const FigureKeys& keys, double fixed, double axes) {
  if (!keys.height) return 1;
  const double height = cm_per_inch * *keys.height, least = fixed + 0.4 * axes;
  if (height < least) {
    throw InputError("figure.height must be at least " + rounded(least / cm_per_inch, 3) +
                     " for these panels in this width, got " + shortest(*keys.height));
  }
  return (height - fixed) / axes;
}

std::string Page::begin(const std::string& output) const {
  const auto size = [&](double unit_per_cm) {
    return std::to_string(std::lround(width_ * unit_per_cm)) + "," +
           std::to_string(std::lround(height_ * unit_per_cm));
  };
  std::string terminal;
  switch (format_) {
    case FigureFormat::svg:
      terminal =
          "svg size " + size(96 / cm_per_inch) + " enhanced font 'DejaVu Sans,10' linewidth 1";
      break;
    case FigureFormat::png:
      terminal =
          "pngcairo size " + size(300 / cm_per_inch) +
          " enhanced font 'DejaVu Sans,7.5' fontscale 3.125 linewidth 3.125 pointscale 3.125";
      break;
    case FigureFormat::pdf:
      terminal = "pdfcairo size " + rounded(width_, 6) + "cm," + rounded(height_, 6) +
                 "cm enhanced font 'DejaVu Sans,7.5' fontscale 0.78 linewidth 1.5 pointscale 0.85";
      break;
  }
  return "reset\nset encoding utf8\nset minussign\nset terminal " + terminal +
         " background '#FFFFFF'\nset output " + in_quotes(output) +
         "\nset multiplot\nunset key\nset clip two\nset border lw 0.8\n";
}

std::string Page::at(double left, double top) const {
  return "screen " + rounded(left / width_, 6) + ", screen " + rounded(1 - top / height_, 6);
}

std::string Page::margins(const Box& box) const {
  return "set lmargin at screen " + rounded(box.left / width_, 6) + "\nset rmargin at screen " +
         rounded(box.right / width_, 6) + "\nset tmargin at screen " +
         rounded(1 - box.top / height_, 6) + "\nset bmargin at screen " +
         rounded(1 - box.bottom / height_, 6) + "\n";
}

std::string Page::font(double relative) const {
  return "font '," + rounded(relative * (format_ == FigureFormat::svg ? 10 : 7.5), 3) + "'";
}

std::string Page::text(const std::string& text, double left, double top) const {
  return "set label " + in_quotes(text) + " at " + at(left, top) + " left noenhanced\n";
}

std::string axis(const char* name, const PlotAxis& axis, bool has_labels) {
  const std::string axis_name(name);
  const bool is_log = axis.scale == Scale::log;
  std::string script = (is_log ? "set logscale " : "unset logscale ") + axis_name + "\nset " +
                       axis_name + "range [" + shortest(axis.range.low) + ":" +
                       shortest(axis.range.high) + "]\nset " + axis_name +
                       "tics out scale 0.5,0.25 ";
  if (axis_name != "cb") script += "nomirror ";
  const char* separator = "(";
  for (const Tick& tick : ticks(axis)) {
    script += separator + in_quotes(has_labels ? tick.label : "") + " " + shortest(tick.place) +
              (tick.is_minor ? " 1" : "");
    separator = ", ";
  }
  return script + (*separator == '(' ? "()" : ")") + "\n";
}

Legend::Legend(std::vector<LegendItem> items, double left, double right) {
  double at = left;
  for (LegendItem& item : items) {
    const double width = sample_width(item) + sample_gap +
                         character_width * static_cast<double>(n_letters(item.text));
    if (n_lines_ == 0 || (at > left && at + width > right)) {
      at = left;
      ++n_lines_;
    }
    items_.push_back({std::move(item), at, n_lines_});
    at += width + item_gap;
  }
}

double Legend::height() const { return line_height * n_lines_; }

std::string Legend::script(const Page& page, double top) const {
  std::string script;
  for (const auto& [item, left, line] : items_) {
    const double y = top + line_height * (line - 0.5);
    const double sample = sample_width(item), middle = left + 0.5 * sample;
    if (!item.fill.empty()) {
      script += "set object rectangle from " + page.at(left, y + 0.13) + " to " +
                page.at(left + sample, y - 0.13) + " fs solid 1 border lc rgb '#000000' lw 0.5" +
                " fc rgb '" + item.fill + "'\n";
    }
    if (!item.line.empty()) {
      script += "set arrow from " + page.at(left, y) + " to " + page.at(left + sample, y) +
                " nohead " + item.line + "\n";
    }
    if (item.has_bar) {
      script += "set arrow from " + page.at(middle, y - 0.16) + " to " + page.at(middle, y + 0.16) +
                " nohead lw 1 lc rgb '#000000'\n";
    }
    if (!item.point.empty()) {
      script += "set label '' at " + page.at(middle, y) + " point " + item.point + "\n";
    }
    script += page.text(item.text, left + sample + sample_gap, y);
  }
  return script;
}

}  // namespace reprise::figure_style
