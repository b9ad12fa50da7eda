// What a damaged folder of results says; none of it may end the program or take its memory.
#include <doctest/doctest.h>
#include <unistd.h>
#include <zip.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <limits>

#include "reprise/core/error.hpp"
#include "reprise/experiments/document/document.hpp"
#include "reprise/experiments/results/results_folder.hpp"
#include "reprise/experiments/results/staged_files.hpp"
#include "reprise/experiments/results/summary.hpp"
#include "reprise/experiments/results/tables.hpp"
#include "support/scratch.hpp"
#include "unit/experiments/some_results.hpp"

namespace {

using namespace reprise;
namespace fs = std::filesystem;

const std::string header = "curve,step,time,quantity,i,j,value,standard_error\n";

std::string message_of(const std::function<void()>& reading) {
  try {
    reading();
  } catch (const InputError& error) {
    return error.what();
  }
  return "accepted";
}

std::string csv_message(const std::string& rows) {
  return message_of([&] { parse_curves_csv(header + rows, "c.csv"); });
}

std::string summary_message(std::string text, const std::string& old, const std::string& by) {
  const std::size_t at = text.find(old);
  REQUIRE(at != std::string::npos);
  text.replace(at, old.size(), by);
  return message_of([&] { parse_summary(text, "s.json"); });
}

bool has(const std::string& text, const std::string& part) {
  const bool is_found = text.find(part) != std::string::npos;
  if (!is_found) MESSAGE(text);
  return is_found;
}

/// One curve of two steps, two neurons, one direction, with the kernel C.
Results with_kernel() {
  Results results = test::some_results();
  results.curves.resize(1);
  results.comparisons.clear();
  Solution& solution = results.curves[0].solution;
  solution.step = {0, 1, 2};
  solution.time = {0, 1, 2};
  solution.series = {test::some_series("M", 2, 1, 3, 0.1, 0.01)};
  solution.ending.step = 2;
  Kernel kernel{.name = "C", .n_neurons = 2, .value = {}, .standard_error = {}};
  kernel.value = Eigen::MatrixXd::Random(6, 6);
  kernel.standard_error = Eigen::MatrixXd::Constant(6, 6, 0.125);
  solution.kernels = {kernel};
  return results;
}

/// The bytes of a NPY file with this text in its header.
std::string npy(const std::string& description, const std::string& data) {
  std::string text = description;
  text.append(63 - (10 + text.size()) % 64, ' ');
  text += '\n';
  return std::string("\x93NUMPY\x01\x00", 8) + static_cast<char>(text.size()) + '\0' + text + data;
}

std::string npy_of(const std::string& type, const std::string& shape, const std::string& data) {
  return npy("{'descr': '" + type + "', 'fortran_order': False, 'shape': " + shape + ", }", data);
}

std::string bytes_of(const std::vector<double>& numbers) {
  std::string bytes(numbers.size() * sizeof(double), '\0');
  std::memcpy(bytes.data(), numbers.data(), bytes.size());
  return bytes;
}

/// Writes the results, puts other bytes for an array, stored without packing, and reads.
struct Damage {
  std::string name = "theory/C.npy";
  std::string bytes;
  std::function<void(std::string& archive)> then = {};
};

/// As older versions wrote the summary: without checksums, which would tell every change.
void without_checksums(const fs::path& folder, const Results& results) {
  write_text(folder / "summary.json", summary_json(results));
}

std::string npz_message(const Damage& damage) {
  const test::Scratch folder;
  write_results(folder.path, with_kernel());
  without_checksums(folder.path, with_kernel());
  const fs::path file = folder.path / "curves.npz";
  zip_t* zip = zip_open(file.c_str(), 0, nullptr);
  REQUIRE(zip != nullptr);
  zip_source_t* source = zip_source_buffer(zip, damage.bytes.data(), damage.bytes.size(), 0);
  const zip_int64_t index = zip_file_add(zip, damage.name.c_str(), source, ZIP_FL_OVERWRITE);
  REQUIRE(index >= 0);
  zip_set_file_compression(zip, static_cast<zip_uint64_t>(index), ZIP_CM_STORE, 0);
  REQUIRE(zip_close(zip) == 0);
  if (damage.then) {
    std::string archive = read_text_file(file);
    damage.then(archive);
    std::ofstream(file, std::ios::binary) << archive;
  }
  return message_of([&] { read_results(folder.path); });
}

/// Where the central directory's record of an array begins.
std::size_t record_of(const std::string& archive, const std::string& name) {
  return archive.rfind(name) - 46;
}

const std::vector<double> ones(36, 1.0);

}  // namespace

TEST_CASE("parse_curves_csv: the entries of a time are a full rectangle in order") {
  CHECK(has(csv_message("c,0,0,M,1,1,0,\nc,0,0,M,1,3,0,\n"),
            "c.csv:3: M(1, 3) stands where M(1, 2) must follow"));
  CHECK(has(csv_message("c,0,0,M,1,1,0,\nc,0,0,M,1,1,0,\n"),
            "c.csv:3: M(1, 1) stands where M(1, 2) must follow"));
  CHECK(has(csv_message("c,0,0,M,2,1,0,\n"), "c.csv:2: M(2, 1) stands where M(1, 1) must follow"));
  CHECK(has(csv_message("c,0,0,M,1,1,0,\nc,0,0,M,1,2,0,\nc,0,0,M,2,1,0,\nc,0,0,a,1,,1,\n"),
            "c.csv:4: M(2, 1) is the last entry of a row of 2"));
  CHECK(has(csv_message("c,0,0,a,0,,1,\n"), "c.csv:2: a(0) stands where a(1) must follow"));
  CHECK(has(csv_message("c,0,0,residual,1,,1,\n"),
            "c.csv:2: residual(1) stands where residual(0) must follow"));
  CHECK(has(csv_message("c,0,0,M,1,9223372036854775807,1,\n"), "c.csv:2: M(1, 92"));
  CHECK(has(csv_message("c,0,0,error,,,1,\nc,0,0,error,,,1,\n"), "c.csv:3: error has two values"));
  CHECK(csv_message("c,0,0,residual,0,,1,\nc,0,0,residual,1,,1,\n") == "accepted");
}

TEST_CASE("parse_curves_csv: indices are those of the quantity") {
  CHECK(csv_message("c,0,0,Q,1,,1,\n") == "c.csv:2: Q needs i and j");
  CHECK(csv_message("c,0,0,Q,,,1,\n") == "c.csv:2: Q needs i and j");
  CHECK(csv_message("c,0,0,a,1,1,1,\n") == "c.csv:2: a needs i, and has no j");
  CHECK(csv_message("c,0,0,error,1,1,1,\n") == "c.csv:2: error has no i and no j");
  CHECK(csv_message("c,0,0,P,1,1,1,\n") == "c.csv:2: there is no quantity \"P\"");
}

TEST_CASE("parse_curves_csv: sizes are the same at all times, in all quantities and curves") {
  const std::string M = "c,0,0,M,1,1,0,\nc,0,0,M,2,1,0,\n";
  CHECK(has(csv_message(M + "c,1,1,M,1,1,0,\n"),
            "c.csv:4: M of curve \"c\" has 1 rows, but p = 2 in M of curve \"c\""));
  CHECK(has(csv_message(M + "e,0,0,M,1,1,0,\ne,0,0,M,1,2,0,\ne,0,0,M,2,1,0,\ne,0,0,M,2,2,0,\n"),
            "c.csv:7: M of curve \"e\" has 2 columns, but k = 1"));
  CHECK(has(csv_message("c,0,0,Q,1,1,0,\nc,0,0,Q,1,2,0,\n"),
            "c.csv:3: Q of curve \"c\" has 2 columns, but p = 1"));
  CHECK(has(csv_message("c,0,0,a,1,,0,\n" + M), "c.csv:4: M of curve \"c\" has 2 rows"));
}

TEST_CASE("parse_curves_csv: times increase, and every quantity begins with the first") {
  CHECK(has(csv_message("c,0,0,error,,,1,\nc,1,0,error,,,1,\n"), "c.csv:3: times must increase"));
  CHECK(has(csv_message("c,0,-1,error,,,1,\n"), "c.csv:2: times must increase from 0, got -1"));
  CHECK(csv_message("c,0,0,error,,,1,\nc,0,1,M,1,1,1,\n") == "c.csv:3: step 0 has two times");
  CHECK(has(csv_message("c,0,0,error,,,1,\nc,1,1,M,1,1,1,\n"),
            "c.csv:3: M has no values at an earlier time"));
  CHECK(has(csv_message("c,0,0,M,1,1,1,\nc,0,0,error,,,1,\nc,1,1,M,1,1,1,\nc,2,2,error,,,1,\n"),
            "c.csv:5: error has no values at an earlier time"));
  CHECK(csv_message("c,0,0,M,1,1,1,\nc,0,0,error,,,1,\nc,1,1,M,1,1,1,\n") == "accepted");
}

TEST_CASE("parse_curves_csv: standard errors stand in all rows of a quantity or in none") {
  CHECK(csv_message("c,0,0,error,,,1,0.1\nc,1,1,error,,,1,\n") ==
        "c.csv:3: error has a standard error in some rows only");
  CHECK(csv_message("c,0,0,error,,,1,\nc,1,1,error,,,1,0\n") ==
        "c.csv:3: error has a standard error in some rows only");
  CHECK(csv_message("c,0,0,error,,,1,-0.1\n") == "c.csv:2: standard_error must be >= 0, got -0.1");
  CHECK(csv_message("c,0,0,error,,,1,inf\n") == "c.csv:2: \"inf\" is not a finite number");
  CHECK(csv_message("\"c,0,0,error,,,1,\n") == "c.csv:2: a quote is not closed");
}

TEST_CASE("read_results: kernels read back, and other bytes of an array are refused") {
  const test::Scratch folder;
  const Results results = with_kernel();
  write_results(folder.path, results);
  const Results back = read_results(folder.path);
  REQUIRE(back.curves[0].solution.kernels.size() == 1);
  const Kernel& kernel = back.curves[0].solution.kernels[0];
  CHECK(kernel.n_neurons == 2);
  CHECK(kernel.value == results.curves[0].solution.kernels[0].value);
  CHECK(kernel.standard_error == results.curves[0].solution.kernels[0].standard_error);

  const auto message = [](const std::string& bytes) { return npz_message({.bytes = bytes}); };
  CHECK(message(npy_of("<f8", "(3, 3, 2, 2)", bytes_of(ones))) == "accepted");
  CHECK(message(npy_of("<f8", "(3,3,2,2,)", bytes_of(ones))) == "accepted");
  CHECK(has(message(""), "curves.npz: theory/C "));
  CHECK(has(message("PK no array at all"), "theory/C is no NPY array"));
  CHECK(has(message(npy_of("<f4", "(3,3,2,2,)", bytes_of(ones))), "no row-major array of <f8"));
  CHECK(has(message(npy_of("<f8", "(3,3,2,2", bytes_of(ones))), "theory/C has a damaged header"));
  CHECK(has(message(npy_of("<f8", "(3,3,,2)", bytes_of(ones))), "theory/C has a damaged header"));
  CHECK(has(message(npy_of("<f8", "(-3,3,2,2)", bytes_of(ones))), "theory/C has a damaged header"));
  CHECK(
      has(message(npy_of("<f8", "(0,0,2,2,)", "")), "has shape (0, 0, 2, 2) instead of (3, 3, 2"));
  CHECK(
      has(message(npy_of("<f8", "(576460752303423488,1,2,2,)", bytes_of(ones))), "has shape (57"));
  CHECK(has(message(npy_of("<f8", "(36)", bytes_of(ones))), "has shape (36) instead of"));
  CHECK(has(message(npy_of("<f8", "(3,3,2,2,)", bytes_of({1, 2}))), "theory/C "));
  CHECK(
      has(message(npy_of("<f8", "(3,3,2,2,)", bytes_of(ones) + "x")), "not the size of its shape"));
  std::vector<double> bad = ones;
  bad[7] = std::numeric_limits<double>::quiet_NaN();
  CHECK(has(message(npy_of("<f8", "(3,3,2,2,)", bytes_of(bad))), "theory/C has a number that is"));
  CHECK(has(message(npy_of("<f8", "(3,3,2,2,)", bytes_of(ones)).substr(0, 40)),
            "theory/C is damaged"));
}

TEST_CASE("read_results: what an archive claims is not believed") {
  const std::string good = npy_of("<f8", "(3,3,2,2,)", bytes_of(ones));
  const auto claim = [](std::size_t offset, const std::string& bytes) {
    return [offset, bytes](std::string& archive) {
      archive.replace(record_of(archive, "theory/C.npy") + offset, bytes.size(), bytes);
    };
  };
  const std::string four_gigabytes = "\xfe\xff\xff\xff";
  // The sizes of an entry stand at 20 (packed) and 24 (unpacked), its checksum at 16.
  CHECK(has(npz_message({.bytes = good, .then = claim(24, four_gigabytes)}),
            "theory/C claims 4294967294 bytes, more than are stored"));
  CHECK(npz_message({.bytes = good, .then = claim(20, four_gigabytes + four_gigabytes)}) !=
        "accepted");
  CHECK(has(npz_message({.bytes = good, .then = claim(16, "abcd")}), "curves.npz"));
  CHECK(
      has(npz_message({.name = "theory/C_se.npy",
                       .bytes = npy_of("<f8", "(3,3,2,2,)", bytes_of(std::vector<double>(36, -1))),
                       .then = {}}),
          "theory/C_se has a number that is not finite and >= 0"));
  CHECK(has(npz_message({.name = "theory/step.npy",
                         .bytes = npy_of("<i8", "(2,)", std::string(16, '\0')),
                         .then = {}}),
            "theory/step has shape (2) instead of (3)"));
  CHECK(has(npz_message({.name = "theory/time.npy",
                         .bytes = npy_of("<f8", "(3,)", bytes_of({0, 1, 3})),
                         .then = {}}),
            "the times of \"theory\" are not those of curves.csv"));
}

TEST_CASE("read_results: every curve stands once in the summary and in curves.csv") {
  const test::Scratch folder;
  const Results results = test::some_results();
  const std::string summary = summary_json(results);
  CHECK(summary_message(summary, "\"name\": \"d = 9, n = 3\"", "\"name\": \"theory\"") ==
        "s.json: not a summary of a run: curve \"theory\" stands twice");
  CHECK(has(summary_message(summary, "\"simulation\": \"d = 9, n = 3\"", "\"simulation\": \"x\""),
            "compared curve \"x\" is missing"));
  write_results(folder.path, results);
  without_checksums(folder.path, results);
  write_text(folder.path / "curves.csv", curves_csv({results.curves[0]}));
  CHECK(has(message_of([&] { read_results(folder.path); }),
            "curves.csv: curve \"d = 9, n = 3\" is missing"));
}

TEST_CASE("parse_summary: whole numbers are whole and within range, and nests end") {
  const std::string summary = summary_json(test::some_results());
  for (const char* bad : {"1e300", "-3", "1.5", "18446744073709551615", "null"}) {
    CHECK(has(summary_message(summary, "\"threads\": 0", std::string("\"threads\": ") + bad),
              "\"threads\" must be an integer from 0"));
  }
  CHECK(has(summary_message(summary, "\"wall_time_s\": 0", "\"wall_time_s\": 1e999"), "s.json: "));
  const std::string deep = std::string(100000, '[') + std::string(100000, ']');
  CHECK(has(summary_message(summary, "\"experiment\": {}", "\"experiment\": " + deep),
            "nested deeper than 100"));
}
