# The steps of .ci/run and .ci/all, which source this file from the root of the repository.
# Each is announced with the minutes since the start; the first that fails ends the whole.

step() { echo "== $* (at $((SECONDS / 60)) min)"; }

# quietly COMMAND...: without its output, but for the end of it where it fails.
quietly() {
  local output status=0
  output=$("$@" 2>&1) || status=$?
  if [ "$status" != 0 ]; then echo "$output" | tail -n 60; fi
  return "$status"
}

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
  quietly cmake --preset release -DREPRISE_WITH_MPI=ON
  quietly cmake --build --preset release
  ctest --preset release -R "cli: sweep"
  quietly cmake --preset release -DREPRISE_WITH_MPI=OFF
  quietly cmake --build --preset release --target reprise_program
}

# Before the first configuration: without these the library is compiled once more, position-independent.
python_packages() {
  # shellcheck disable=SC2046  # a list
  sh apps/install_dependencies.sh $(cat apps/python/packages) jupyter-nbconvert python3-ipykernel
}

# The module for the interpreter that has numpy: pip without a network, the notebooks. Its tests are
# among those of the release build, which has the module where there are its packages.
python_module() {
  step "Python: module, pip, notebooks"
  python_packages
  quietly cmake --preset release -DREPRISE_WITH_PYTHON=ON
  quietly cmake --build --preset release --target reprise_program reprise_python
  local python
  python=$(sed -n 's/^REPRISE_PYTHON:[^=]*=//p' build/release/CMakeCache.txt)
  sh apps/python/tests/installed.sh "$python" build/release
  sh apps/python/tests/notebooks.sh "$python" build/release
}

format() {
  step "format"
  sh apps/install_dependencies.sh clang-format
  git ls-files '*.hpp' '*.cpp' | xargs clang-format --dry-run --Werror
}

gallery() {
  step "gallery: the page is what its list says, quick pictures are drawn anew"
  sh data/gallery.sh --check
}

every_file_and_header_alone() {
  step "library, program and headers one by one, without optimisation, warnings as errors"
  quietly cmake --preset dev
  quietly cmake --build --preset dev --target reprise_program
  quietly cmake --build --preset dev --target all_verify_interface_header_sets
}

# other_compiler clang++[-VERSION]: all but the slow tests with warnings as errors, and the unit tests.
other_compiler() {
  local package=${1/++/}
  step "$1: warnings as errors, unit tests"
  sh apps/install_dependencies.sh "$package"
  quietly cmake --preset clang -B "build/$package" -DCMAKE_CXX_COMPILER="$1"
  quietly cmake --build "build/$package"
  "build/$package/tests/unit_tests"
}

# All files of the build, in unity units: a tenth of the time.
tidy() {
  step "clang-tidy"
  sh apps/install_dependencies.sh clang clang-tidy libopenmpi-dev libbenchmark-dev
  quietly cmake --preset tidy
  grep -o '"file": "[^"]*"' build/tidy/compile_commands.json | cut -d '"' -f 4 |
    xargs -P "$(nproc)" -n 1 clang-tidy -p build/tidy --quiet 2>/dev/null
}

# What the last ten commits changed in library and program, file by file: 20 s each.
tidy_changes() {
  step "clang-tidy on what the last ten commits changed"
  sh apps/install_dependencies.sh clang clang-tidy
  quietly cmake --preset tidy -B build/tidy_files -DCMAKE_UNITY_BUILD=OFF -DREPRISE_WITH_MPI=OFF -DREPRISE_BUILD_BENCHMARKS=OFF
  git diff --name-only --diff-filter=d HEAD~10 -- 'lib/*.cpp' 'apps/reprise/*.cpp' |
    while read -r file; do if grep -q "\"file\": \"[^\"]*/$file\"" build/tidy_files/compile_commands.json; then echo "$file"; fi; done |
    xargs -r -P "$(nproc)" -n 1 clang-tidy -p build/tidy_files --quiet 2>/dev/null
}

# Another compiler than that of the tests, its warnings as errors, and what its sanitizers see.
sanitizers_on_unit_tests() {
  step "clang++: warnings as errors, address and undefined-behaviour sanitizers, unit tests"
  sh apps/install_dependencies.sh clang libclang-rt-dev
  quietly cmake --preset asan
  quietly cmake --build --preset asan --target unit_tests reprise_program
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
  quietly cmake --preset release -DREPRISE_BUILD_SLOW_TESTS=ON
  quietly cmake --build --preset release
  ctest --preset release --output-on-failure -j"$(nproc)" -L 'slow|study'
  quietly cmake --preset release -DREPRISE_BUILD_SLOW_TESTS=OFF
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
      quietly cmake -S . -B "$folder" -G Ninja -DCMAKE_BUILD_TYPE=None -DCMAKE_CXX_COMPILER="$compiler" \
        -DCMAKE_CXX_FLAGS="$level -DNDEBUG" -DREPRISE_BUILD_TESTS=OFF \
        -DCMAKE_UNITY_BUILD=ON -DCMAKE_UNITY_BUILD_BATCH_SIZE=24
      quietly cmake --build "$folder" --target reprise_program
      programs+=("$folder/apps/reprise")
    done
  done
  sh tests/cross_processor.sh "${programs[@]}"
}
