// Counter-based random numbers: every number is a function of (stream, column, index), so the same
// seed gives the same numbers in any order and on any number of threads.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>

namespace reprise {

/// Threefry-2x64 with 13 rounds (Salmon2011): two random words from a counter and a key.
std::array<std::uint64_t, 2> threefry(std::array<std::uint64_t, 2> counter,
                                      std::array<std::uint64_t, 2> key);

/// What a stream is for; streams of different purposes are independent.
enum class Purpose : std::uint64_t {
  samples = 1,         ///< Gaussian data of exact simulations
  basis = 2,           ///< their triangular factors R
  scrambling = 3,      ///< of Sobol' points
  generalisation = 4,  ///< test samples
  second_layer = 5,
  initial = 6,
  dense_samples = 7,  ///< Gaussian data of dense simulations
  dense_frame = 8,    ///< their random orthonormal frames
  chain = 9,          ///< Gaussian data of the one-pass overlap chain
  chain_norms = 10,   ///< the part of its inputs outside every known direction
};

/// A stream of random numbers: one per (seed, purpose, replica).
struct Stream {
  Stream(std::uint64_t seed, Purpose purpose, std::uint64_t replica = 0);
  /// A stream of its own for each index.
  Stream substream(std::uint64_t index) const;

  std::array<std::uint64_t, 2> key;
};

/// Fills out with standard normals (Box-Muller on 52-bit uniforms, |z| < 8.6): the numbers of
/// `column` with indices first .. first + n - 1. first and n must be multiples of 16.
void fill_normals(const Stream& stream, std::uint64_t column, std::uint64_t first, std::size_t n,
                  double* out);

/// The same for uniforms in (0, 1), of 52 bits and centred in their cells.
void fill_uniforms(const Stream& stream, std::uint64_t column, std::uint64_t first, std::size_t n,
                   double* out);

/// The words of a stream one after the other, for <random> and Boost.Random distributions.
class StreamEngine {
 public:
  using result_type = std::uint64_t;
  /// Its counters never meet those of fill_normals: columns stay below 2^63.
  explicit StreamEngine(const Stream& stream) : key_(stream.key) {}

  static constexpr result_type min() { return 0; }
  static constexpr result_type max() { return std::numeric_limits<result_type>::max(); }
  result_type operator()();

 private:
  std::array<std::uint64_t, 2> key_;
  std::uint64_t counter_ = 0;
  std::uint64_t spare_ = 0;
  bool has_spare_ = false;
};

}  // namespace reprise
