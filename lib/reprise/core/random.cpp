#include "reprise/core/random.hpp"

#include <bit>
#include <cassert>
#include <cmath>
#include <numbers>

#include "reprise/core/simd.hpp"
#include "reprise/core/vector_math.hpp"

namespace reprise {

namespace {

using Word = std::uint64_t;

// Rotations and parity constant of Threefry-2x64 (Salmon2011, Table 1 and section 3.3).
constexpr int rotation[8] = {16, 42, 12, 31, 16, 32, 24, 21};
constexpr Word parity = 0x1BD11BDAA9FC1A22;

REPRISE_ALWAYS_INLINE void threefry_13(Word key0, Word key1, Word& x0, Word& x1) {
  const Word key[3] = {key0, key1, parity ^ key0 ^ key1};
  x0 += key[0];
  x1 += key[1];
#pragma GCC unroll 13
  for (int round = 0; round < 13; ++round) {
    x0 += x1;
    x1 = std::rotl(x1, rotation[round % 8]) ^ x0;
    if (round % 4 == 3) {
      const int injection = round / 4 + 1;
      x0 += key[injection % 3];
      x1 += key[(injection + 1) % 3] + static_cast<Word>(injection);
    }
  }
}

// 52 random bits as a number in [1, 2).
REPRISE_ALWAYS_INLINE double in_1_2(Word word) {
  return std::bit_cast<double>(word >> 12 | 0x3FF0000000000000u);
}

constexpr std::size_t n_pairs = 256;  // Box-Muller pairs worked on at a time: they stay in L1

// Uniforms of the pairs first_pair .. + n: u in (0, 1), centred in its cell, and angle in [0, 2
// pi).
REPRISE_VECTORISED void fill_pairs(Word key0, Word key1, Word column, Word first_pair,
                                   std::size_t n, double* __restrict u, double* __restrict angle) {
  for (std::size_t i = 0; i < n; ++i) {
    Word x0 = first_pair + i;
    Word x1 = column;
    threefry_13(key0, key1, x0, x1);
    u[i] = in_1_2(x0) - (1 - 0x1p-53);
    angle[i] = 2 * std::numbers::pi * (in_1_2(x1) - 1);
  }
}

// Pair 8 g + l gives the numbers 16 g + l and 16 g + 8 + l.
REPRISE_VECTORISED void fill_uniform_pairs(Word key0, Word key1, Word column, Word first_pair,
                                           std::size_t n, double* __restrict out) {
  for (std::size_t g = 0; g < n; g += 8) {
    for (std::size_t l = 0; l < 8; ++l) {
      Word x0 = first_pair + g + l;
      Word x1 = column;
      threefry_13(key0, key1, x0, x1);
      out[2 * g + l] = in_1_2(x0) - (1 - 0x1p-53);
      out[2 * g + 8 + l] = in_1_2(x1) - (1 - 0x1p-53);
    }
  }
}

// Pair 8 g + l gives the numbers 16 g + l (cosine) and 16 g + 8 + l (sine).
REPRISE_VECTORISED void interleave(const double* __restrict log_u, const double* __restrict cosine,
                                   const double* __restrict sine, std::size_t n,
                                   double* __restrict out) {
  for (std::size_t g = 0; g < n; g += 8) {
    for (std::size_t l = 0; l < 8; ++l) {
      const double radius = std::sqrt(-2 * log_u[g + l]);
      out[2 * g + l] = radius * cosine[g + l];
      out[2 * g + 8 + l] = radius * sine[g + l];
    }
  }
}

}  // namespace

std::array<Word, 2> threefry(std::array<Word, 2> counter, std::array<Word, 2> key) {
  threefry_13(key[0], key[1], counter[0], counter[1]);
  return counter;
}

Stream::Stream(std::uint64_t seed, Purpose purpose, std::uint64_t replica)
    : key(threefry({static_cast<Word>(purpose), replica}, {seed, 0})) {}

Stream Stream::substream(std::uint64_t index) const {
  Stream result = *this;
  result.key = threefry({index, ~Word{0}}, key);
  return result;
}

void fill_normals(const Stream& stream, std::uint64_t column, std::uint64_t first, std::size_t n,
                  double* out) {
  assert(first % 16 == 0 && n % 16 == 0);
  alignas(64) double u[n_pairs];
  alignas(64) double angle[n_pairs];
  alignas(64) double sine[n_pairs];
  for (std::size_t done = 0; done < n / 2; done += n_pairs) {
    const std::size_t count = std::min(n_pairs, n / 2 - done);
    fill_pairs(stream.key[0], stream.key[1], column, first / 2 + done, count, u, angle);
    vector_math::log(u, count, u);
    vector_math::sin(angle, count, sine);
    vector_math::cos(angle, count, angle);
    interleave(u, angle, sine, count, out + 2 * done);
  }
}

void fill_uniforms(const Stream& stream, std::uint64_t column, std::uint64_t first, std::size_t n,
                   double* out) {
  assert(first % 16 == 0 && n % 16 == 0);
  fill_uniform_pairs(stream.key[0], stream.key[1], column, first / 2, n / 2, out);
}

StreamEngine::result_type StreamEngine::operator()() {
  if (has_spare_) {
    has_spare_ = false;
    return spare_;
  }
  const auto words = threefry({counter_++, Word{1} << 63}, key_);
  spare_ = words[1];
  has_spare_ = true;
  return words[0];
}

}  // namespace reprise
