// Reading a curves.npz back: its kernels, for their figure, and whether it belongs to its run.
#include <zip.h>

#include <charconv>
#include <cmath>
#include <limits>
#include <memory>
#include <optional>

#include "reprise/core/error.hpp"
#include "reprise/experiments/results/tables.hpp"

namespace reprise {

namespace {

struct CloseArchive {
  void operator()(zip_t* archive) const { zip_discard(archive); }
};
struct CloseEntry {
  void operator()(zip_file_t* entry) const { zip_fclose(entry); }
};

using Shape = std::vector<Eigen::Index>;

std::string text_of(const Shape& shape) {
  std::string text = "(";
  for (std::size_t i = 0; i < shape.size(); ++i) {
    text += (i > 0 ? ", " : "") + std::to_string(shape[i]);
  }
  return text + ")";
}

/// "(4, 2, 3, ), }" with or without spaces and the last comma, and only spaces behind it.
std::optional<Shape> parse_shape(std::string_view text) {
  const auto skip_spaces = [&] {
    text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
  };
  const auto take = [&](char c) {
    skip_spaces();
    if (!text.starts_with(c)) return false;
    text.remove_prefix(1);
    return true;
  };
  Shape shape;
  if (!take('(')) return std::nullopt;
  while (!take(')')) {
    skip_spaces();
    Eigen::Index extent = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), extent);
    if (error != std::errc{} || extent < 0) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    shape.push_back(extent);
    if (!take(',') && !text.starts_with(')')) return std::nullopt;
  }
  take(',');
  if (!take('}')) return std::nullopt;
  skip_spaces();
  return text.empty() ? std::optional(shape) : std::nullopt;
}

/// A .npz file of write_npz. Nothing that it says of itself is believed before it is checked, so
/// that no more memory is taken than its bytes can fill.
class NpzReader {
 public:
  explicit NpzReader(const std::filesystem::path& file) : file_(file) {
    int code = 0;
    archive_.reset(zip_open(file.c_str(), ZIP_RDONLY, &code));
    std::error_code error;
    file_size_ = std::filesystem::file_size(file, error);
    if (!archive_ || error) throw InputError(file.string() + ": no readable curves.npz");
  }

  bool has(const std::string& name) const {
    return zip_name_locate(archive_.get(), (name + ".npy").c_str(), 0) >= 0;
  }

  /// The numbers of the array in row-major order. Throws InputError if it is not whole or has
  /// another type or shape.
  template <class Number>
  std::vector<Number> read(const std::string& name, const Shape& shape) const {
    const auto fail = [&](const std::string& what) {
      throw InputError(file_.string() + ": " + name + " " + what);
    };
    zip_stat_t stat;
    if (zip_stat(archive_.get(), (name + ".npy").c_str(), 0, &stat) != 0) fail("is missing");
    constexpr zip_uint64_t needed = ZIP_STAT_SIZE | ZIP_STAT_COMP_SIZE | ZIP_STAT_COMP_METHOD;
    const bool is_stored = stat.comp_method == ZIP_CM_STORE;
    if ((stat.valid & needed) != needed || (!is_stored && stat.comp_method != ZIP_CM_DEFLATE)) {
      fail("is packed in an unknown way");
    }
    constexpr zip_uint64_t most_per_byte = 1032;  // what deflate can reach
    if (stat.comp_size > file_size_ ||
        stat.size / (is_stored ? 1 : most_per_byte) > stat.comp_size) {
      fail("claims " + std::to_string(stat.size) + " bytes, more than are stored");
    }
    const std::unique_ptr<zip_file_t, CloseEntry> entry(
        zip_fopen_index(archive_.get(), stat.index, 0));
    const auto read_bytes = [&](void* bytes, std::size_t size) {
      if (!entry || zip_fread(entry.get(), bytes, size) != static_cast<zip_int64_t>(size)) {
        fail("is damaged");
      }
    };
    std::string start(10, '\0');
    read_bytes(start.data(), start.size());
    if (start.substr(0, 8) != std::string("\x93NUMPY\x01\x00", 8)) fail("is no NPY array");
    std::string header(
        static_cast<unsigned char>(start[8]) + 256U * static_cast<unsigned char>(start[9]), '\0');
    read_bytes(header.data(), header.size());
    const std::string type = std::is_same_v<Number, double> ? "<f8" : "<i8";
    const std::string before = "{'descr': '" + type + "', 'fortran_order': False, 'shape': ";
    if (!header.starts_with(before)) fail("is no row-major array of " + type);
    std::optional<Shape> found;
    if (header.ends_with('\n')) {
      found = parse_shape(
          std::string_view(header).substr(before.size(), header.size() - before.size() - 1));
    }
    if (!found) fail("has a damaged header");
    if (*found != shape) fail("has shape " + text_of(*found) + " instead of " + text_of(shape));
    zip_uint64_t n_numbers = 1;
    for (const Eigen::Index extent : shape) {
      const auto factor = static_cast<zip_uint64_t>(extent);
      if (factor > 0 && n_numbers > stat.size / factor) fail("is shorter than its shape");
      n_numbers *= factor;
    }
    if (stat.size != start.size() + header.size() + sizeof(Number) * n_numbers) {
      fail("has not the size of its shape");
    }
    std::vector<Number> numbers(n_numbers);
    read_bytes(numbers.data(), sizeof(Number) * n_numbers);
    char more = 0;
    if (zip_fread(entry.get(), &more, 1) != 0) fail("is damaged");  // its checksum is compared here
    return numbers;
  }

  /// The same for numbers that must be finite and not below `least`.
  std::vector<double> read_finite(const std::string& name, const Shape& shape,
                                  double least = -std::numeric_limits<double>::infinity()) const {
    std::vector<double> numbers = read<double>(name, shape);
    for (const double number : numbers) {
      if (!std::isfinite(number) || !(number >= least)) {
        throw InputError(file_.string() + ": " + name + " has a number that is not finite" +
                         (std::isfinite(least) ? " and >= 0" : ""));
      }
    }
    return numbers;
  }

 private:
  std::filesystem::path file_;
  std::uintmax_t file_size_ = 0;
  std::unique_ptr<zip_t, CloseArchive> archive_;
};

/// An array (t, s, i, j) as blocks (t, s) side by side.
Eigen::MatrixXd as_blocks(const std::vector<double>& numbers, const Shape& shape) {
  const Eigen::Index p = shape[2];
  Eigen::MatrixXd table(shape[0] * p, shape[1] * p);
  std::size_t next = 0;
  for (Eigen::Index t = 0; t < shape[0]; ++t) {
    for (Eigen::Index s = 0; s < shape[1]; ++s) {
      for (Eigen::Index i = 0; i < p; ++i) {
        for (Eigen::Index j = 0; j < p; ++j) table(t * p + i, s * p + j) = numbers[next++];
      }
    }
  }
  return table;
}

}  // namespace

void read_kernels(const std::filesystem::path& file, std::vector<CurveResult>& curves) {
  const NpzReader npz(file);
  for (auto& [name, role, solution] : curves) {
    const Shape times{static_cast<Eigen::Index>(solution.step.size())};
    if (npz.read<std::int64_t>(name + "/step", times) != solution.step ||
        npz.read_finite(name + "/time", times) != solution.time) {
      throw InputError(file.string() + ": the times of \"" + name +
                       "\" are not those of curves.csv");
    }
    // Weights stand at every step from 0, gradients at every step that is made.
    const std::int64_t n = solution.ending.step;
    struct Place {
      const char* name;
      Eigen::Index rows, cols;
    };
    for (const auto& [kernel, rows, cols] :
         {Place{"C", n + 1, n + 1}, Place{"C_G", n, n}, Place{"R", n + 1, n}}) {
      const std::string stem = name + "/" + kernel;
      if (!npz.has(stem)) continue;
      const Series* M = solution.find("M");
      if (M == nullptr || n < 1) {
        throw InputError(file.string() + ": " + stem + " belongs to a curve without " +
                         (M == nullptr ? "M" : "steps"));
      }
      const Shape shape{rows, cols, M->rows, M->rows};
      solution.kernels.push_back(
          {.name = kernel,
           .n_neurons = M->rows,
           .value = as_blocks(npz.read_finite(stem, shape), shape),
           .standard_error = as_blocks(npz.read_finite(stem + "_se", shape, 0), shape)});
    }
  }
}

void read_runs(const std::filesystem::path& file, std::vector<CurveResult>& curves) {
  const NpzReader npz(file);
  for (auto& [name, role, solution] : curves) {
    const auto n_times = static_cast<Eigen::Index>(solution.step.size());
    Eigen::Index n_columns = 0, first = 0;
    for (const Series& series : solution.series) {
      if (!is_statistic(series)) n_columns += series.n_entries();
    }
    std::vector<Eigen::MatrixXd> replicas;
    for (const Series& series : solution.series) {
      const std::string array = name + "/" + series.quantity + "_runs";
      if (is_statistic(series) || !npz.has(array)) break;
      Shape shape{solution.cost.replicas, series.n_times()};
      if (series.rows > 0) shape.push_back(series.rows);
      if (series.cols > 0) shape.push_back(series.cols);
      const std::vector<double> numbers = npz.read_finite(array, shape);
      replicas.resize(
          static_cast<std::size_t>(solution.cost.replicas),
          Eigen::MatrixXd::Constant(n_times, n_columns, std::numeric_limits<double>::quiet_NaN()));
      std::size_t next = 0;
      for (Eigen::MatrixXd& replica : replicas) {
        for (Eigen::Index t = 0; t < series.n_times(); ++t) {
          for (Eigen::Index e = 0; e < series.n_entries(); ++e) {
            replica(t, first + e) = numbers[next++];
          }
        }
      }
      first += series.n_entries();
    }
    solution.replicas = std::move(replicas);
  }
}

void read_replicas(const std::filesystem::path& file, std::vector<CurveResult>& curves) {
  const NpzReader npz(file);
  for (auto& [name, role, solution] : curves) {
    Shape shape{static_cast<Eigen::Index>(solution.step.size()), 0};
    for (const Series& series : solution.series) shape[1] += series.n_entries();
    for (std::size_t r = 0; npz.has(replica_name(name, r)); ++r) {
      const std::vector<double> numbers = npz.read<double>(replica_name(name, r), shape);
      solution.replicas.emplace_back(
          Eigen::Map<const Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>>(
              numbers.data(), shape[0], shape[1]));
    }
  }
}

}  // namespace reprise
