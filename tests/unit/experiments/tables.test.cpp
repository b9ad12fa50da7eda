#include "reprise/experiments/results/tables.hpp"

#include <doctest/doctest.h>
#include <unistd.h>
#include <zip.h>

#include <cstring>
#include <filesystem>
#include <limits>
#include <memory>

#include "reprise/core/error.hpp"
#include "reprise/experiments/document/document.hpp"
#include "unit/experiments/some_results.hpp"

namespace {

using namespace reprise;

std::string message_of(std::string_view csv) {
  try {
    parse_curves_csv(csv, "curves.csv");
  } catch (const InputError& error) {
    return error.what();
  }
  return "accepted";
}

/// The header and the bytes behind it of one array of an .npz file.
struct Array {
  std::string header;
  std::string data;

  template <class Number>
  std::vector<Number> numbers() const {
    std::vector<Number> result(data.size() / sizeof(Number));
    std::memcpy(result.data(), data.data(), result.size() * sizeof(Number));
    return result;
  }
};

Array read_array(const std::filesystem::path& file, const std::string& name) {
  const std::unique_ptr<zip_t, int (*)(zip_t*)> zip(zip_open(file.c_str(), ZIP_RDONLY, nullptr),
                                                    zip_close);
  REQUIRE(zip != nullptr);
  zip_stat_t info;
  REQUIRE(zip_stat(zip.get(), name.c_str(), 0, &info) == 0);
  std::string bytes(info.size, '\0');
  zip_file_t* entry = zip_fopen(zip.get(), name.c_str(), 0);
  REQUIRE(zip_fread(entry, bytes.data(), bytes.size()) == static_cast<zip_int64_t>(bytes.size()));
  zip_fclose(entry);
  REQUIRE(bytes.substr(0, 8) == std::string("\x93NUMPY\x01\x00", 8));
  const std::size_t length =
      static_cast<unsigned char>(bytes[8]) + 256U * static_cast<unsigned char>(bytes[9]);
  CHECK((10 + length) % 64 == 0);  // the alignment that the format asks for
  return {bytes.substr(10, length), bytes.substr(10 + length)};
}

const std::filesystem::path scratch = std::filesystem::temp_directory_path() /
                                      ("reprise_tables_test_" + std::to_string(getpid()) + ".npz");

}  // namespace

TEST_CASE("curves_csv: one number a row, scalars without indices") {
  CurveResult curve = test::some_curve("a, b", Role::theory, 0);
  curve.solution.series.resize(1);
  const std::string csv = curves_csv({curve});
  CHECK(csv.substr(0, csv.find('\n')) == "curve,step,time,quantity,i,j,value,standard_error");
  CHECK(csv.find("\n\"a, b\",0,0,M,1,1,0.3333333333333333,\n") != std::string::npos);
  curve = test::some_curve("c", Role::theory, 0.25);
  curve.solution.series.back().value(1, 0) = 0.1;
  CHECK(curves_csv({curve}).find("\nc,2,2,training_loss,,,0.1,0.25\n") != std::string::npos);
}

TEST_CASE("curves_csv: reads back to the same numbers, bit for bit") {
  const Results results = test::some_results();
  const std::vector<CurveResult> back = parse_curves_csv(curves_csv(results.curves), "curves.csv");
  REQUIRE(back.size() == 2);
  for (std::size_t c = 0; c < back.size(); ++c) {
    const Solution& before = results.curves[c].solution;
    const Solution& after = back[c].solution;
    CHECK(back[c].name == results.curves[c].name);
    CHECK(after.step == before.step);
    CHECK(after.time == before.time);
    REQUIRE(after.series.size() == before.series.size());
    for (std::size_t s = 0; s < after.series.size(); ++s) {
      CHECK(after.series[s].quantity == before.series[s].quantity);
      CHECK(after.series[s].rows == before.series[s].rows);
      CHECK(after.series[s].cols == before.series[s].cols);
      CHECK(after.series[s].value == before.series[s].value);
      CHECK(after.series[s].standard_error == before.series[s].standard_error);
    }
  }
}

TEST_CASE("curves_csv: refuses to write what is not finite") {
  for (const double bad :
       {std::numeric_limits<double>::infinity(), std::numeric_limits<double>::quiet_NaN()}) {
    CurveResult curve = test::some_curve("c", Role::theory, 0.1);
    curve.solution.series[0].value(1, 1) = bad;
    CHECK_THROWS_AS(curves_csv({curve}), NumericalError);
    curve = test::some_curve("c", Role::theory, 0.1);
    curve.solution.series[0].standard_error(1, 1) = bad;
    CHECK_THROWS_AS(curves_csv({curve}), NumericalError);
  }
}

TEST_CASE("parse_curves_csv: errors have the line") {
  const std::string header = "curve,step,time,quantity,i,j,value,standard_error\n";
  CHECK(message_of("x\n").find("curves.csv:1: the first line must be") == 0);
  CHECK(message_of(header + "c,0,0,M,1,1,0.5\n") == "curves.csv:2: a row must have 8 fields");
  CHECK(message_of(header + "c,0,0,M,1,1,nan,\n") ==
        "curves.csv:2: \"nan\" is not a finite number");
  CHECK(message_of(header + "c,1,1,M,1,1,0,\nc,0,0,M,1,1,0,\n") ==
        "curves.csv:3: steps must not go back");
}

TEST_CASE("write_npz: arrays have type, shape and row-major numbers") {
  const Results results = test::some_results();
  write_npz(scratch, results.curves);
  const Array M = read_array(scratch, "theory/M.npy");
  CHECK(M.header.find("{'descr': '<f8', 'fortran_order': False, 'shape': (4,2,3,), }") == 0);
  const std::vector<double> numbers = M.numbers<double>();
  REQUIRE(numbers.size() == 24);
  CHECK(numbers[0] == results.curves[0].solution.series[0].value(0, 0));
  CHECK(numbers[5] == results.curves[0].solution.series[0].value(0, 5));
  CHECK(numbers[6] == results.curves[0].solution.series[0].value(1, 0));
  const Array step = read_array(scratch, "d = 9, n = 3/step.npy");
  CHECK(step.header.find("'<i8'") != std::string::npos);
  CHECK(step.numbers<std::int64_t>() == std::vector<std::int64_t>{0, 2, 4, 6});
  CHECK(read_array(scratch, "theory/training_loss_se.npy").header.find("(3,)") !=
        std::string::npos);
  CHECK(read_array(scratch, "theory/time.npy").numbers<double>().size() == 4);
  std::filesystem::remove(scratch);
}

TEST_CASE("write_npz: the same curves give the same bytes") {
  const Results results = test::some_results();
  write_npz(scratch, results.curves);
  const std::string first = read_text_file(scratch);
  std::filesystem::last_write_time(scratch, std::filesystem::file_time_type::clock::now());
  write_npz(scratch, results.curves);
  CHECK(read_text_file(scratch) == first);
  // The date of every entry is the format's first, not that of the run.
  CHECK(first.find(std::string("\x00\x00\x21\x00", 4)) != std::string::npos);
  std::filesystem::remove(scratch);
}
