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

# The N source files that the working tree or commits changed last; any N in a clone without history.
last_changed() {
  { git diff --name-only HEAD; git log --format= --name-only; } |
    grep '\.cpp$' | awk '!seen[$0]++' | while read -r file; do
      if [ -e "$file" ]; then echo "$file"; fi
    done | awk -v n="$1" 'NR <= n'
}

# tidy FILE...
tidy() {
  step "clang-tidy: $# files"
  sh apps/install_dependencies.sh clang clang-tidy libopenmpi-dev libbenchmark-dev
  cmake --preset tidy >/dev/null
  printf '%s\n' "$@" | xargs -r -P "$(nproc)" -n 1 clang-tidy -p build/tidy --quiet 2>/dev/null
}

sanitizers_on_unit_tests() {
  step "address and undefined-behaviour sanitizers: unit tests"
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
