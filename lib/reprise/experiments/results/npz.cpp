#include <zip.h>

#include <bit>
#include <cstring>
#include <list>
#include <memory>
#include <span>

#include "reprise/core/error.hpp"
#include "reprise/experiments/results/tables.hpp"

namespace reprise {

namespace {

static_assert(std::endian::native == std::endian::little, "NPY arrays are written as they are");

std::string shape_text(const std::vector<Eigen::Index>& shape) {
  std::string text = "(";
  for (const Eigen::Index extent : shape) text += std::to_string(extent) + ",";
  return text + ")";
}

/// The bytes of a .npy file, version 1.0: magic, header length, header padded to 64, data.
template <class Number>
std::string npy(const std::vector<Eigen::Index>& shape, std::span<const Number> values) {
  const std::string type = std::is_same_v<Number, double> ? "<f8" : "<i8";
  std::string header =
      "{'descr': '" + type + "', 'fortran_order': False, 'shape': " + shape_text(shape) + ", }";
  constexpr std::size_t before = 10;
  header.append(63 - (before + header.size()) % 64, ' ');
  header += '\n';
  std::string bytes = "\x93NUMPY";
  bytes += '\x01';
  bytes += '\x00';
  bytes += static_cast<char>(header.size() & 0xFFU);
  bytes += static_cast<char>(header.size() >> 8U);
  bytes += header;
  const std::size_t start = bytes.size();
  bytes.resize(start + values.size_bytes());
  if (!values.empty()) std::memcpy(bytes.data() + start, values.data(), values.size_bytes());
  return bytes;
}

/// A zip archive under construction; nothing is on the disk before close().
class Archive {
 public:
  explicit Archive(const std::filesystem::path& file) : file_(file) {
    int code = 0;
    zip_ = zip_open(file.c_str(), ZIP_CREATE | ZIP_TRUNCATE, &code);
    if (zip_ == nullptr) {
      zip_error_t error;
      zip_error_init_with_code(&error, code);
      const std::string reason = zip_error_strerror(&error);
      zip_error_fini(&error);
      fail(reason);
    }
  }
  ~Archive() {
    if (zip_ != nullptr) zip_discard(zip_);
  }
  Archive(const Archive&) = delete;
  Archive& operator=(const Archive&) = delete;

  void add(const std::string& name, std::string bytes) {
    contents_.push_back(std::move(bytes));  // libzip reads them at close()
    const std::string& kept = contents_.back();
    zip_source_t* source = zip_source_buffer(zip_, kept.data(), kept.size(), 0);
    const zip_int64_t index =
        source == nullptr ? -1 : zip_file_add(zip_, name.c_str(), source, ZIP_FL_ENC_UTF_8);
    if (index < 0) {
      zip_source_free(source);
      fail(zip_strerror(zip_));
    }
    const auto entry = static_cast<zip_uint64_t>(index);
    // 1 January 1980, the first date that the format knows: same curves, same bytes.
    constexpr zip_uint16_t midnight = 0, first_day = (1U << 5U) | 1U;
    zip_file_set_dostime(zip_, entry, midnight, first_day, 0);
    zip_set_file_compression(zip_, entry, ZIP_CM_DEFLATE, 0);
  }

  void close() {
    if (zip_close(zip_) != 0) fail(zip_strerror(zip_));
    zip_ = nullptr;
  }

 private:
  [[noreturn]] void fail(const std::string& reason) {
    throw Error(file_.string() + ": cannot be written: " + reason);
  }

  std::filesystem::path file_;
  std::list<std::string> contents_;  // their addresses must not move
  zip_t* zip_ = nullptr;
};

std::vector<Eigen::Index> shape_of(const Series& series) {
  std::vector<Eigen::Index> shape{series.n_times()};
  if (!series.is_scalar()) shape.push_back(series.rows);
  if (series.cols > 0) shape.push_back(series.cols);
  return shape;
}

std::string npy(const Series& series, const Eigen::MatrixXd& table) {
  // Row-major: time first, then the entries in the order that they have in a row.
  const Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor> rows = table;
  return npy<double>(shape_of(series), {rows.data(), static_cast<std::size_t>(rows.size())});
}

/// A series of every replica, whose entries begin at the column `first`.
std::string npy(const Series& series, const std::vector<Eigen::MatrixXd>& replicas,
                Eigen::Index first) {
  std::vector<Eigen::Index> shape = shape_of(series);
  shape.insert(shape.begin(), static_cast<Eigen::Index>(replicas.size()));
  std::vector<double> values;
  for (const Eigen::MatrixXd& replica : replicas) {
    const Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor> rows =
        replica.block(0, first, series.n_times(), series.n_entries());
    values.insert(values.end(), rows.data(), rows.data() + rows.size());
  }
  return npy<double>(shape, values);
}

/// A kernel as an array (t, s, i, j).
std::string npy(const Kernel& kernel, const Eigen::MatrixXd& table) {
  const Eigen::Index p = kernel.n_neurons;
  const Eigen::Index rows = table.rows() / p;
  const Eigen::Index cols = table.cols() / p;
  std::vector<double> values;
  values.reserve(static_cast<std::size_t>(table.size()));
  for (Eigen::Index t = 0; t < rows; ++t) {
    for (Eigen::Index s = 0; s < cols; ++s) {
      const Eigen::MatrixXd block = table.block(t * p, s * p, p, p).transpose();
      values.insert(values.end(), block.data(), block.data() + block.size());
    }
  }
  return npy<double>({rows, cols, p, p}, values);
}

}  // namespace

bool is_statistic(const Series& series) { return series.quantity.find(':') != std::string::npos; }

std::string replica_name(const std::string& curve, std::size_t replica) {
  return curve + "/replica " + std::to_string(replica + 1);
}

void write_npz(const std::filesystem::path& file, const std::vector<CurveResult>& curves,
               bool with_runs) {
  Archive archive(file);
  for (const auto& [name, role, solution] : curves) {
    const auto n_times = static_cast<Eigen::Index>(solution.step.size());
    archive.add(name + "/step.npy", npy<std::int64_t>({n_times}, solution.step));
    archive.add(name + "/time.npy", npy<double>({n_times}, solution.time));
    for (const Series& series : solution.series) {
      archive.add(name + "/" + series.quantity + ".npy", npy(series, series.value));
      if (!series.has_standard_error()) continue;
      archive.add(name + "/" + series.quantity + "_se.npy", npy(series, series.standard_error));
    }
    for (Eigen::Index first = 0; const Series& series : solution.series) {
      if (!with_runs || solution.replicas.empty() || is_statistic(series)) break;
      archive.add(name + "/" + series.quantity + "_runs.npy",
                  npy(series, solution.replicas, first));
      first += series.n_entries();
    }
    for (const Kernel& kernel : solution.kernels) {
      archive.add(name + "/" + kernel.name + ".npy", npy(kernel, kernel.value));
      archive.add(name + "/" + kernel.name + "_se.npy", npy(kernel, kernel.standard_error));
    }
  }
  archive.close();
}

void write_npz(const std::filesystem::path& file, const std::vector<NamedArray>& arrays) {
  Archive archive(file);
  for (const auto& [name, shape, values] : arrays) {
    archive.add(name + ".npy", npy<double>(shape, values));
  }
  archive.close();
}

void write_replicas(const std::filesystem::path& file, const std::vector<CurveResult>& curves) {
  std::vector<NamedArray> arrays;
  for (const auto& [name, role, solution] : curves) {
    for (std::size_t r = 0; r < solution.replicas.size(); ++r) {
      const Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor> rows =
          solution.replicas[r];
      arrays.push_back({.name = replica_name(name, r),
                        .shape = {rows.rows(), rows.cols()},
                        .values = {rows.data(), rows.data() + rows.size()}});
    }
  }
  write_npz(file, arrays);
}

}  // namespace reprise
