// Reading the kernels of a curves.npz back, for its figure.
#include <zip.h>

#include <cstdio>
#include <cstring>
#include <memory>

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

/// The bytes of an entry; empty if there is none of that name.
std::string entry_of(zip_t* archive, const std::string& name) {
  zip_stat_t stat;
  if (zip_stat(archive, name.c_str(), 0, &stat) != 0) return "";
  const std::unique_ptr<zip_file_t, CloseEntry> entry(zip_fopen(archive, name.c_str(), 0));
  std::string bytes(stat.size, '\0');
  const bool is_read = entry && zip_fread(entry.get(), bytes.data(), stat.size) ==
                                    static_cast<zip_int64_t>(stat.size);
  return is_read ? bytes : "damaged";
}

/// The blocks (t, s) of an array (t, s, i, j) that write_npz made, side by side; false if the bytes
/// are none.
bool read_blocks(const std::string& bytes, Eigen::Index p, Eigen::MatrixXd& table) {
  const std::size_t start = bytes.find('\n') + 1;
  if (bytes.compare(0, 6, "\x93NUMPY") != 0 || start == 0) return false;
  const std::size_t shape = bytes.find("'<f8', 'fortran_order': False, 'shape': (");
  long long extents[4] = {};
  if (shape == std::string::npos || shape > start ||
      std::sscanf(bytes.c_str() + bytes.find('(', shape), "(%lld,%lld,%lld,%lld,)", &extents[0],
                  &extents[1], &extents[2], &extents[3]) != 4) {
    return false;
  }
  const Eigen::Index rows = extents[0], cols = extents[1];
  if (rows < 0 || cols < 0 || extents[2] != p || extents[3] != p) return false;
  if (bytes.size() - start != sizeof(double) * static_cast<std::size_t>(rows * cols * p * p)) {
    return false;
  }
  table.resize(rows * p, cols * p);
  Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor> block(p, p);
  const char* at = bytes.data() + start;
  for (Eigen::Index t = 0; t < rows; ++t) {
    for (Eigen::Index s = 0; s < cols; ++s) {
      const std::size_t size = sizeof(double) * static_cast<std::size_t>(p * p);
      std::memcpy(block.data(), at, size);
      at += size;
      table.block(t * p, s * p, p, p) = block;
    }
  }
  return true;
}

}  // namespace

void read_kernels(const std::filesystem::path& file, std::vector<CurveResult>& curves) {
  int code = 0;
  const std::unique_ptr<zip_t, CloseArchive> archive(zip_open(file.c_str(), ZIP_RDONLY, &code));
  if (!archive) throw InputError(file.string() + ": no readable curves.npz");
  for (auto& [name, role, solution] : curves) {
    const auto M = solution.find("M");
    for (const char* kernel : {"C", "C_G", "R"}) {
      const std::string stem = name + "/" + kernel;
      const std::string value = entry_of(archive.get(), stem + ".npy");
      if (value.empty() || M == nullptr) continue;
      Kernel found;
      found.name = kernel;
      found.n_neurons = M->rows;
      if (!read_blocks(value, M->rows, found.value) ||
          !read_blocks(entry_of(archive.get(), stem + "_se.npy"), M->rows, found.standard_error)) {
        throw InputError(file.string() + ": " + stem + " is damaged or no kernel");
      }
      solution.kernels.push_back(std::move(found));
    }
  }
}

}  // namespace reprise
