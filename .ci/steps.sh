# The steps of .ci/run and .ci/all, which source this file from the root of the repository.
# Each is announced with the minutes since the start; the first that fails ends the whole.

step() { echo "== $* (at $((SECONDS / 60)) min)"; }

release_tests() {
  step "release build and tests: the README's second command"
  sh tests/run.sh
}

verification() {
  step "verification: theory against simulation, published numbers, studies"
  sh tests/run.sh --verification
}

sweeps_under_mpi() {
  step "sweeps under MPI"
  sh apps/install_dependencies.sh libopenmpi-dev openmpi-bin
  cmake --preset release -DREPRISE_WITH_MPI=ON >/dev/null
  cmake --build --preset release >/dev/null
  ctest --preset release -R "cli: sweep"
  cmake --preset release -DREPRISE_WITH_MPI=OFF >/dev/null
  cmake --build --preset release --target reprise_program >/dev/null
}

format() {
  step "format"
  sh apps/install_dependencies.sh clang-format
  git ls-files '*.hpp' '*.cpp' | xargs clang-format --dry-run --Werror
}

# The library and the program file by file, and every header alone.
warnings_of_gcc() {
  step "g++: warnings as errors, every header alone"
  cmake --preset dev >/dev/null
  cmake --build --preset dev --target reprise reprise_program >/dev/null
  cmake --build --preset dev --target all_verify_interface_header_sets >/dev/null
}

# other_compiler clang++[-VERSION]: all but the slow tests with warnings as errors, and the unit tests.
other_compiler() {
  local package=${1/++/}
  step "$1: warnings as errors, unit tests"
  sh apps/install_dependencies.sh "$package"
  cmake --preset clang -B "build/$package" -DCMAKE_CXX_COMPILER="$1" >/dev/null
  cmake --build "build/$package" >/dev/null
  "build/$package/tests/unit_tests"
}

# tidy FOLDER...: clang-tidy on all files of these folders of the build, in unity units.
tidy() {
  step "clang-tidy: $*"
  sh apps/install_dependencies.sh clang clang-tidy libopenmpi-dev libbenchmark-dev
  cmake --preset tidy >/dev/null
  local folder
  for folder in "$@"; do
    grep -o '"file": "[^"]*"' build/tidy/compile_commands.json | cut -d '"' -f 4 |
      grep -E "^$PWD/(build/tidy/)?$folder/"
  done | xargs -P "$(nproc)" -n 1 clang-tidy -p build/tidy --quiet 2>/dev/null
}

# Another compiler than that of the tests, its warnings as errors, and what its sanitizers see.
sanitizers_on_unit_tests() {
  step "clang++: warnings as errors, address and undefined-behaviour sanitizers, unit tests"
  sh apps/install_dependencies.sh clang libclang-rt-dev
  cmake --preset asan >/dev/null
  cmake --build --preset asan --target unit_tests reprise_program >/dev/null
  build/asan/tests/unit_tests
}

# sanitizers_on SECONDS FILE...
sanitizers_on() {
  step "address and undefined-behaviour sanitizers: experiments"
  REPRISE_DATA=$PWD/data sh tests/every_experiment.sh build/asan/apps/reprise "$@"
}

# What takes minutes a case: studies of hours of computing, laws of escape.
slow_tests() {
  step "slow tests and studies"
  cmake --preset release -DREPRISE_BUILD_SLOW_TESTS=ON >/dev/null
  cmake --build --preset release >/dev/null
  ctest --preset release --output-on-failure -j"$(nproc)" -L 'slow|study'
  cmake --preset release -DREPRISE_BUILD_SLOW_TESTS=OFF >/dev/null
}

# The program that users build against itself on older and newer processors.
other_processors() {
  step "the same numbers on other processors"
  sh apps/install_dependencies.sh qemu-user
  sh tests/cross_processor.sh build/release/apps/reprise
}

# Two compilers at two levels on three processors.
other_processors_and_compilers() {
  step "the same numbers on other processors and from other compilers"
  sh apps/install_dependencies.sh qemu-user clang-19
  local programs=() compiler level folder
  for compiler in g++ clang++-19; do
    for level in -O1 -O2; do
      folder=build/processors/$compiler$level
      cmake -S . -B "$folder" -G Ninja -DCMAKE_BUILD_TYPE=None -DCMAKE_CXX_COMPILER="$compiler" \
        -DCMAKE_CXX_FLAGS="$level -DNDEBUG" -DREPRISE_BUILD_TESTS=OFF \
        -DCMAKE_UNITY_BUILD=ON -DCMAKE_UNITY_BUILD_BATCH_SIZE=24 >/dev/null
      cmake --build "$folder" --target reprise_program >/dev/null
      programs+=("$folder/apps/reprise")
    done
  done
  sh tests/cross_processor.sh "${programs[@]}"
}
