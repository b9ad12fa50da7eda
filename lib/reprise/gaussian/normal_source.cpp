#include "reprise/gaussian/normal_source.hpp"

#include <algorithm>
#include <bit>
#include <boost/random/sobol.hpp>
#include <cassert>

#include "reprise/core/check.hpp"
#include "reprise/core/simd.hpp"
#include "reprise/gaussian/normal_quantile.hpp"

namespace reprise {

namespace {

using Word = std::uint64_t;

constexpr Word n_table_dimensions = 3667;
constexpr int n_bits = 64;

// Direction number `bit` of every dimension, highest binary digit first. Boost.Random steps through
// the sequence in Gray-code order from its second point on, so that the points 2^bit - 1 and 2^bit
// differ by this direction number.
std::vector<Word> direction_numbers(Word n_dimensions, int bit) {
  boost::random::sobol engine(n_dimensions);
  std::vector<Word> numbers(n_dimensions);
  if (bit > 0) {
    engine.seed((Word{1} << bit) - 2);
    for (Word& number : numbers) number = engine();
  }
  for (Word& number : numbers) number ^= engine();
  return numbers;
}

// A random lower-triangular matrix with unit diagonal over the two-element field, by rows: row r
// gives binary digit r (the highest first) and reads the digits 0..r.
std::vector<Word> scrambling_rows(StreamEngine& engine) {
  std::vector<Word> rows(n_bits);
  for (int r = 0; r < n_bits; ++r) {
    const Word diagonal = Word{1} << (n_bits - 1 - r);
    rows[r] = (engine() & ~(diagonal | (diagonal - 1))) | diagonal;
  }
  return rows;
}

Word apply(const std::vector<Word>& rows, Word digits) {
  Word result = 0;
  for (int r = 0; r < n_bits; ++r) {
    result |= static_cast<Word>(std::popcount(rows[r] & digits) & 1) << (n_bits - 1 - r);
  }
  return result;
}

constexpr std::size_t n_low = 16;  // points that differ in the four lowest digits of the index

// The uniforms (0, 1) of the points whose digits are low[i] ^ base.
REPRISE_VECTORISED void fill_uniforms(const Word* __restrict low, Word base,
                                      double* __restrict out) {
  for (std::size_t i = 0; i < n_low; ++i) {
    out[i] = std::bit_cast<double>((low[i] ^ base) >> 12 | 0x3FF0000000000000u) - (1 - 0x1p-53);
  }
}

}  // namespace

ScrambledSobolNormals::ScrambledSobolNormals(const Stream& stream, int log2_points,
                                             std::uint64_t n_columns)
    : beyond_table_(stream),
      log2_points_(log2_points),
      n_sobol_columns_(std::min(n_columns, n_table_dimensions)) {
  check_at_least("Sobol' points", "log2_points", log2_points, 4);
  if (log2_points > 40) reject("Sobol' points", "log2_points", "at most 40", log2_points);
  directions_.resize(n_sobol_columns_ * log2_points);
  for (int bit = 0; bit < log2_points; ++bit) {
    const auto numbers = direction_numbers(n_sobol_columns_, bit);
    for (Word c = 0; c < n_sobol_columns_; ++c) directions_[c * log2_points + bit] = numbers[c];
  }
  shifts_.resize(n_sobol_columns_);
  for (Word c = 0; c < n_sobol_columns_; ++c) {
    StreamEngine engine(stream.substream(c));
    const std::vector<Word> rows = scrambling_rows(engine);
    for (int bit = 0; bit < log2_points; ++bit) {
      Word& direction = directions_[c * log2_points + bit];
      direction = apply(rows, direction);
    }
    shifts_[c] = engine();
  }
}

void ScrambledSobolNormals::fill(std::uint64_t column, std::uint64_t first, std::size_t n,
                                 double* out) const {
  assert(first % 16 == 0 && n % 16 == 0 && first + n <= n_points());
  if (column >= n_sobol_columns_) return beyond_table_.fill(column, first, n, out);
  const Word* direction = directions_.data() + column * log2_points_;
  Word low[n_low] = {};
  for (std::size_t i = 1; i < n_low; ++i) {
    low[i] = low[i & (i - 1)] ^ direction[std::countr_zero(i)];
  }
  Word base = shifts_[column];
  for (Word index = first, bit = 0; index != 0; index >>= 1, ++bit) {
    if (index & 1) base ^= direction[bit];
  }
  for (std::size_t i = 0; i < n; i += n_low) {
    fill_uniforms(low, base, out + i);
    // From index to index + 16: every digit flips up to and with the lowest one that is 0.
    const int flipped = std::countr_one((first + i) / n_low);
    for (int bit = 4; bit <= 4 + flipped && bit < log2_points_; ++bit) base ^= direction[bit];
  }
  normal_quantile(out, n, out);
}

}  // namespace reprise
