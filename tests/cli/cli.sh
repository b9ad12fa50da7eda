#!/bin/sh
# Tests of the program as people use it: exit statuses, what is written, what is said.
# usage: sh cli.sh PROGRAM SOURCE_DIR CASE [ARGUMENT]
set -u

program=$1
source_dir=$2
case_name=$3
first=$source_dir/data/examples/first.toml
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1

fail() {
  echo "FAILED: $*"
  [ -s out ] && sed 's/^/  out: /' out
  [ -s err ] && sed 's/^/  err: /' err
  exit 1
}

# run STATUS ARGUMENT...: runs the program and checks its exit status.
run() {
  expected=$1
  shift
  "$program" "$@" >out 2>err
  status=$?
  [ $status -eq "$expected" ] || fail "exit status $status instead of $expected for: $*"
}

# says FILE TEXT: the file has the text, taken literally.
says() { grep -qF -- "$2" "$1" || fail "no \"$2\" in $1"; }
is_silent() { [ ! -s "$1" ] || fail "$1 is not empty"; }
exists() { [ -s "$1" ] || fail "$1 is missing or empty"; }
is_absent() { [ ! -e "$1" ] || fail "$1 exists"; }

writes_every_file() {
  run 0 run "$first" --out here
  for file in curves.csv curves.npz summary.json; do exists here/$file; done
  if command -v gnuplot >/dev/null; then
    exists here/figure.svg
    exists here/figure.png
  fi
  says out "theory against simulation: largest |difference| = "
  is_silent err
  [ "$(find here -type f | wc -l)" -le 6 ] || fail "files left behind"
}

default_folder_is_results_stem() {
  run 0 run "$first" --quiet
  exists results/first/curves.csv
  is_silent out
  is_silent err
}

shipped_names() {
  run 0 list
  says out "dandi2024/benchmark_a "
  says out "Dandi"
  run 0 run examples/first --quiet
  exists results/first/curves.csv
  run 2 run examples/fist
  says err "did you mean examples/first?"
  is_absent results/fist
}

summary_runs_again() {
  for name in first one_pass; do
    run 0 run "$source_dir/data/examples/$name.toml" --out "$name" --quiet
    run 0 run "$name/summary.json" --out "$name-again" --quiet
    cmp "$name/curves.csv" "$name-again/curves.csv" || fail "$name: other bytes from its summary"
  done
  # Other schedules, times and starts than the examples have; what it resolves to is the same.
  run 0 run "$first" --out two --quiet --set 'training.schedule=[0, 1, 0]' --set training.steps=3 \
    --set initial.kind=random --set 'output.times=[0, 2]'
  run 0 run two/summary.json --out two-again --quiet
  cmp two/curves.csv two-again/curves.csv || fail "other bytes from the summary of a list of blocks"
  run 0 run two/summary.json --quiet --set seed=5
  exists results/two_again/curves.csv
  echo '{"title": "no experiment"}' >none.json
  run 2 run none.json
  says err "none.json: not the summary of a run: it has no experiment"
}

keys_are_listed() {
  run 0 keys training
  says out "[training] with algorithm = \"sgd\""
  says out "at least 0 and below 1; default: 0"
  run 0 keys
  says out "[[curve]] with method = \"dmft\""
  run 0 keys --markdown
  cmp out "$source_dir/lib/KEYS.md" || fail "lib/KEYS.md is not what reprise keys --markdown prints"
  run 2 keys trainig
  says err "did you mean training?"
}

same_bytes_on_any_threads() {
  run 0 run "$first" --out one --threads 1
  run 0 run "$first" --out two --threads 2
  cmp one/curves.csv two/curves.csv || fail "curves.csv depends on the number of threads"
  cmp one/curves.npz two/curves.npz || fail "curves.npz depends on the number of threads"
  run 0 run "$first" --out three --set seed=2
  cmp -s one/curves.csv three/curves.csv && fail "the seed has no effect"
  return 0
}

wrong_input_writes_nothing() {
  printf 'format = 1\n[training]\nsteps = 0\n' >bad.toml
  sed 's/^learning_rate .*/leraning_rate = 0.3/' "$first" >misspelt.toml
  sed 's/^expression .*/expression = "z1 + abs(z1"/' "$first" >formula.toml
  sed 's/^steps .*/steps = 0/' "$first" >zero.toml
  run 2 run bad.toml
  says err "bad.toml:1: target is missing"
  run 2 run misspelt.toml
  says err 'misspelt.toml:16: unknown key "training.leraning_rate", did you mean learning_rate?'
  run 2 run formula.toml
  says err "formula.toml:7: target.expression must be a formula"
  says err "^"
  run 2 run zero.toml --out there
  says err "zero.toml:19: training.steps must be an integer of at least 1"
  run 2 run nowhere.toml
  says err "nowhere.toml: neither a file nor an experiment"
  run 2 run "$first" --set training.learning_rate=-1
  says err "--set training.learning_rate: training.learning_rate must be finite and >= 0, got -1"
  run 2 run "$work"
  is_absent results
  is_absent there
  is_silent out
}

overrides() {
  run 0 run "$first" --out o --set training.steps=3 --set curve.theory.points=256 --set title=Short
  says out "Short"
  says o/summary.json '"points": 256'
  grep -q '^theory,3,' o/curves.csv || fail "step 3 is missing"
  grep -q '^theory,4,' o/curves.csv && fail "step 4 is there"
  run 0 run "$first" --set training.steps=2 --out p
}

divergence_keeps_the_finite_part() {
  run 3 run examples/diverging --out d
  says err 'curve "theory" diverged after step'
  says err "lower training.learning_rate"
  exists d/curves.csv
  grep -q '^theory,1,' d/curves.csv || fail "the finite part is missing"
  grep -q '^simulation,1,' d/curves.csv || fail "the next curve did not run"
  grep -qiE '(,|-)(inf|nan)' d/curves.csv && fail "inf or nan in curves.csv"
  says d/summary.json '"termination": "diverged"'
  says d/summary.json '"status": "incomplete"'
}

one_pass() {
  run 0 validate examples/one_pass --out o
  [ "$(grep -c 'ode against .*: agree$' out)" -eq 2 ] || fail "not two agreements"
  says out " at t = "
  says o/summary.json '"time": "samples / d"'
  says o/summary.json '"time_scale": "log"'
  says o/summary.json '"name": "max_overlap above 0.5"'
  grep -q '^"chain, d = 400",8000,20,M,1,1,' o/curves.csv || fail "no step 8000 at time 20"
  grep -q '^ode,[0-9]*,20,M,1,1,[^,]*,$' o/curves.csv || fail "no ode at time 20 without an error"
  if command -v gnuplot >/dev/null; then
    says o/figure.svg "samples / d"
    cp o/figure.svg before.svg
    run 0 plot o
    cmp o/figure.svg before.svg || fail "the figure is another one"
  fi
}

one_pass_same_bytes() {
  run 0 run examples/one_pass --out one --threads 1
  run 0 run examples/one_pass --out two --threads 2
  cmp one/curves.csv two/curves.csv || fail "curves.csv depends on the number of threads"
  cmp one/curves.npz two/curves.npz || fail "curves.npz depends on the number of threads"
  run 0 run examples/one_pass --out three --set seed=2
  cmp -s one/curves.csv three/curves.csv && fail "the seed has no effect"
  return 0
}

one_pass_wrong_input() {
  run 2 run examples/one_pass --set curve.ode.method=dmft
  says err 'curve.method must be one of "ode", "recursion", "gradient_flow", "simulation" for'
  run 2 run examples/one_pass --set training.steps=3
  says err '--set training.steps: training.steps does not apply to algorithm "sgd"'
  run 2 run examples/one_pass --set training.repeats=2 --set training.batch_size=100
  says err "training.repeats must be at most 1 for batch_size = 100 at d = 100"
  says err 'schedule = "repeat 2"'
  run 2 run examples/one_pass --set training.duration=0.001
  says err "training.duration must be at least one step"
  run 2 run examples/one_pass --set output.times=all --set "curve.chain, d = 400.dimension=1e9"
  says err 'output.times must be "log N"'
  is_absent results
}

one_pass_diverges() {
  run 3 run examples/one_pass_diverging --out d
  says err 'curve "ode" diverged after t = '
  says err 'curve "chain" diverged after t = '
  says err "lower training.learning_rate"
  grep -q '^ode,' d/curves.csv || fail "the finite part is missing"
  grep -qiE '(,|-)(inf|nan)' d/curves.csv && fail "inf or nan in curves.csv"
  says d/summary.json '"termination": "diverged"'
}

validate_says_agree_or_disagree() {
  run 0 validate "$first" examples/first --out v
  [ "$(grep -c 'theory against simulation: .*: agree$' out)" -eq 2 ] || fail "not two agreements"
  # At d = 3 with many runs the limit is no longer a good description, and that is seen.
  run 4 validate "$first" --out w --set curve.simulation.dimension=3 --set curve.simulation.runs=3000
  says out ": disagree"
}

validate_without_a_verdict() {
  sed '/^name *= "simulation"/,$d' "$first" | sed '$d' >theory_only.toml
  run 5 validate theory_only.toml --out v
  says err "theory_only.toml: no theory and simulation to compare"
  run 5 validate "$first" theory_only.toml --out w
  run 5 validate "$first" --out x --set curve.simulation.runs=1
  says out "undecided: no value with a standard error that both curves have"
  says err "no verdict on any pair of curves"
  # A disagreement in one file weighs more than nothing to compare in another.
  sed -e 's/^dimension .*/dimension = 3/' -e 's/^runs .*/runs = 3000/' "$first" >small.toml
  run 4 validate theory_only.toml small.toml --out y
}

# z1^2 from M = -d^-1/2: a quarter of the runs end at +1.
validate_broken_symmetry() {
  cat >even.toml <<'END'
format = 1
title = "Even target"
seed = 5
[target]
expression = "z1^2"
noise_variance = 1e-4
[student]
activation = "polynomial([0, 0, 1])"
second_layer = [1.0]
[initial]
M = [[-0.018478679503644416]]
Q = [[1]]
[training]
algorithm = "sgd"
learning_rate = 0.1
normalise = "projected"
duration = 100.0
[[curve]]
name = "ode"
method = "ode"
[[curve]]
name = "sim"
method = "simulation"
dimension = 3000
runs = 64
[output]
times = "linear 400"
END
  run 0 validate even.toml --out v
  says out ": agree"
  says out "each run breaks a symmetry in its own way (z -> -z"
  says v/summary.json '"notes"'
}

labels_are_numbers() {
  sed 's/^expression .*/expression = "sqrt(z1)"/' "$first" >nan.toml
  run 2 run nan.toml
  says err "nan.toml:7: target.expression must be finite at every input, got nan at z = (-"
  is_absent results
  sed 's/^expression .*/expression = "exp(z1^2)"/' "$first" >wild.toml
  run 0 run wild.toml --out w --set curve.theory.points=512 --set curve.simulation.dimension=50 \
    --set training.steps=2 --set training.learning_rate=1e-12
  says err "reprise: warning: wild.toml: the labels have infinite variance"
  says out "no verdict: the labels have infinite variance"
  says w/summary.json '"warnings"'
}

kernels_are_drawn() {
  command -v gnuplot >/dev/null || exit 0
  printf '[output]\nkernels = true\n' | cat "$first" - >kernels.toml
  run 0 run kernels.toml --out here --quiet
  exists here/kernels.svg
  exists here/kernels.png
  mv here/kernels.svg once.svg
  run 0 plot here
  cmp once.svg here/kernels.svg || fail "plot draws other kernels than run"
  head -c 3000 here/curves.npz >cut && mv cut here/curves.npz
  run 2 plot here
  says err "here/curves.npz"
}

target_error() {
  run 0 run "$first" --out here --target-error 0.004
  grep -q '"target_error": 0.004' here/summary.json || fail "the resolved experiment has no target_error"
  awk -F, '$1 == "theory" && $4 !~ /^max_|^cosine/ && $8 > 0.004 { exit 1 }' here/curves.csv ||
    fail "an error above the target"
  run 2 run "$first" --out there --target-error 0
  says err "--target-error must be finite and > 0, got 0"
  is_absent there
}

headline() {
  sh "$source_dir/data/papers/dandi2024/headline/run.sh" "$program" here \
    --set curve.theory.points=4096 --set "curve.d = 100000.dimension=300" >out 2>err || fail "run.sh"
  is_silent err
  [ "$(grep -c '^[^ ].* z[1-3] ' here/table.txt)" -eq 26 ] || fail "not 26 rows"
  grep -q '^tanh+tanh *relu *z1  *0.3[0-9]*([0-9]*)\*' here/table.txt || fail "tanh+tanh is not gained"
  if command -v gnuplot >/dev/null; then exists here/headline.svg; fi
}

draws_again() {
  command -v gnuplot >/dev/null || return 0
  run 0 run "$first" --out here --quiet
  cp here/figure.svg before.svg
  rm here/figure.svg here/figure.png
  run 0 plot here
  cmp here/figure.svg before.svg || fail "the figure is another one"
  exists here/figure.png
  run 2 plot nowhere
}

# figure.gp is all that its figure needs, also beside settings of the user.
figure_script_draws_again() {
  run 0 run "$first" --out here --quiet --set output.kernels=true
  says here/figure.gp "theory"
  command -v gnuplot >/dev/null || return 0
  mkdir alone home
  echo "set terminal dumb; set title 'mine'; set logscale x; set xtics 3; set grid" >home/.gnuplot
  for figure in figure kernels; do
    cp here/$figure.gp alone
    (cd alone && HOME=$work/home gnuplot $figure.gp) >out 2>err || fail "gnuplot $figure.gp"
    is_silent err
    cmp alone/$figure.svg here/$figure.svg || fail "$figure.gp draws another figure"
  done
  rm here/figure.gp
  run 0 plot here
  cmp here/figure.gp alone/figure.gp || fail "plot writes another figure.gp than run"
  run 0 run "$first" --out here --quiet
  is_absent here/kernels.svg
  is_absent here/kernels.gp
}

# damaged SAYS: plot refuses the folder `bad` at once, as input, and draws nothing.
damaged() {
  rm -f bad/figure.*
  run 2 plot bad
  says err "$1"
  is_absent bad/figure.svg
  is_absent bad/figure.gp
  rm -rf bad
  cp -r good bad
}

damaged_folders() {
  run 0 run "$first" --out good --quiet --set output.kernels=true
  cp -r good bad
  sed -i 's/,Q,1,1,/,Q,1,,/' bad/curves.csv
  damaged "bad/curves.csv:3: Q needs i and j"
  sed -i '3d' bad/curves.csv
  damaged "bad/curves.csv:"
  sed -i '5p' bad/curves.csv
  damaged "bad/curves.csv:6: "
  sed -i '/^simulation,/s/,M,1,1,/,M,2,1,/' bad/curves.csv
  damaged "M(2, 1) stands where M(1, 1) must follow"
  sed -i 's/^\(theory,3\),3,/\1,1,/' bad/curves.csv
  damaged "times must increase"
  sed -i '2s/,[^,]*,[^,]*$/,1e999,/' bad/curves.csv
  damaged 'bad/curves.csv:2: "1e999" is not a finite number'
  sed -i '/^simulation,/d' bad/curves.csv
  damaged 'curve "simulation" is missing'
  sed -i '/^[^,]*,10,/d' bad/curves.csv
  damaged "bad/curves.npz: theory/step has shape (11) instead of (10)"
  sed -i 's/"name": "simulation"/"name": "theory"/' bad/summary.json
  damaged 'bad/summary.json: not a summary of a run: curve "theory" stands twice'
  head -c 500 good/summary.json >bad/summary.json
  damaged "bad/summary.json"
  head -c 3000 good/curves.npz >bad/curves.npz
  damaged "bad/curves.npz"
  # One byte of the first entry's packed numbers.
  printf '\377' | dd of=bad/curves.npz bs=1 seek=60 conv=notrunc 2>/dev/null
  damaged "bad/curves.npz: theory/step"
  printf 'curve,step,time,quantity,i,j,value,standard_error\n' >bad/curves.csv
  damaged 'curve "theory" is missing'
  sed -i '2s/,[^,]*,[^,]*$/,1e308,0/' bad/curves.csv
  damaged "figure: M after step 0 is 1e+308, and only numbers up to 1e307 can be drawn"
}

no_gnuplot_is_a_warning() {
  PATH=/nonexistent "$program" run "$first" --out here >out 2>err
  status=$?
  [ $status -eq 0 ] || fail "exit status $status"
  says err "reprise plot here"
  exists here/curves.csv
}

unwritable_folder() {
  : >file
  run 1 run "$first" --out file/sub
  says err "file/sub: "
  is_silent out
}

exponents_report() {
  run 0 exponents "He3(z1)"
  says out "leap (one pass)               3"
  says out "generative leap (reuse)       1"
  says out "d^2 samples in one pass, or d^0.5 steps of the best batch size d^1.5."
  run 0 exponents "z1*z2" --noise 0.5 --activation relu --seed 2
  says out "leap (one pass)               2"
  says out "With activation relu and square loss, one pass"
  is_silent err
}

exponents_json() {
  run 0 exponents "He3(z1)" --json
  is_silent err
  command -v python3 >/dev/null || return 0
  run 0 exponents "sign(z1*z2)" --json --activation tanh
  python3 - <<'END' || fail "not the object of the contract"
import json
result = json.load(open("out"))
assert result["leap"] == 2 and result["generative_leap"] == 2
assert abs(result["alpha_c"] - 2.4674011) < 2.5e-3
assert result["never_reached"] == []
for family in ("correlational", "statistical"):
    (stage,) = result[family]
    assert stage["order"] == 2
    assert stage["directions"] == [[1, 0], [0, 1]]
    assert len(stage["strength"]) == len(stage["error"]) == 2
assert result["student"]["activation"] == "tanh"
END
  run 0 exponents "sign(z1*z2*z3)" --json --max-order 4
  python3 -c 'import json; assert json.load(open("out"))["alpha_c"] is None' || fail "alpha_c"
  run 0 exponents "z1" --json
  python3 -c 'import json; assert json.load(open("out"))["alpha_c"] == 0' || fail "alpha_c"
}

exponents_of_powers() {
  run 0 exponents "z1^61" --max-order 4
  says out "leap (one pass)               1"
  run 0 exponents "z1^20 + z2" --max-order 4
  says out "leap (one pass)               2"
  run 0 exponents "1e-165*He3(z1)" --max-order 4
  says out "leap (one pass)               3"
  # A minus in front is no option.
  for target in "-z1^28" "-0.5*z1^100"; do
    run 0 exponents "$target" --max-order 4
    says out "alpha_c (best algorithms)     0.500000(2)"
    run 0 exponents --max-order 4 --json "$target"
    says out "\"leap\": 2"
  done
}

exponents_wrong_input() {
  run 2 exponents "tanh(z1 + He3(z2)"
  says err "expression: '(' is never closed"
  says err "      ^"
  run 2 exponents "log(z1)"
  says err 'the label of "log(z1)" must be finite'
  run 2 exponents "z1" --activation rleu
  says err "the nearest known name is relu"
  run 2 exponents "z1" --effort 9
  run 2 exponents "z1" --noise -1
  run 2 exponents "z9"
  run 2 exponents "z1" --figure x.pdf
  run 2 exponents "z1" --seed -1
  says err "seed"
  # Beyond the range of numbers: refused in our own words.
  for target in "z1^172" "z2^171" "z1^300" "exp(8*z1^2)"; do
    run 2 exponents "$target"
    says err "within the range of numbers"
    is_silent out
  done
  run 2 exponents
  is_silent out
}

exponents_undecided() {
  run 0 exponents "sin(9*z1)*sin(9*z2)" --max-order 3 --tolerance 1e-9
  says out "leap (one pass)               undecided"
  says out "orders 1 to 3 undecided: only |moments| <= "
  says out "more --effort may tell"
  # Known to 9e-4 at first, to 2e-4 with more effort.
  run 0 exponents "z1^2*exp(-z1^2)" --tolerance 4e-4
  says out "generative leap (reuse)       undecided, at most 4"
  run 0 exponents "z1^2*exp(-z1^2)" --tolerance 4e-4 --effort 2
  says out "generative leap (reuse)       4"
}

exponents_figure() {
  command -v gnuplot >/dev/null || return 0
  run 1 exponents "He3(z1)" --figure nowhere/spectrum.svg
  says err "nowhere: there is no such folder"
  run 0 exponents "He3(z1)" --figure spectrum.svg
  exists spectrum.svg
  run 0 exponents "He3(z1)" --figure spectrum.png
  exists spectrum.png
}

# A sweep of 225 points of some milliseconds each.
make_sweep() {
  sed -e 's/^points .*/points    = 4096/' -e 's/count = 12/count = 15/g' \
    "$source_dir/data/examples/sweep.toml" >sweep.toml
}

sweep_writes_every_file() {
  run 0 sweep examples/sweep --out here
  for file in sweep.csv sweep.npz sweep.json boundary.csv sweep.db; do exists here/$file; done
  if command -v gnuplot >/dev/null; then
    exists here/figure.svg
    exists here/figure.png
  fi
  says out "144 points"
  says out "boundary along training.learning_rate at level 0.5"
  is_silent err
  [ "$(wc -l <here/sweep.csv)" -eq 145 ] || fail "sweep.csv has not 144 rows"
  run 2 run examples/sweep
  says err '[sweep] makes a grid of experiments; `reprise sweep` runs it'
}

# He4 gives a batch from M = 0 nothing: what max_overlap shows is noise.
sweep_marks_noise() {
  sed -e 's/^expression .*/expression = "He4(z1)"/' -e 's/^scrambles .*/scrambles = 8/' \
    -e 's/count = 12/count = 5/g' -e '/^boundary/d' -e 's/^steps .*/steps = 3/' \
    -e 's/^observable .*/observable = ["squared_overlap", "max_overlap"]/' \
    "$source_dir/data/examples/sweep.toml" >noise.toml
  run 0 sweep noise.toml --out here
  says out "overlaps not above their noise"
  says here/sweep.csv "outcome,above_noise"
  [ "$(grep -c 'max_overlap,.*,no$' here/sweep.csv)" -ge 24 ] || fail "noise taken for an overlap"
  sed 's/He4(z1)/z1 + He2(z1)/' noise.toml >real.toml
  run 0 sweep real.toml --out there
  [ "$(grep -c ',yes$' there/sweep.csv)" -eq 50 ] || fail "an overlap taken for noise"
  sed -e 's/^method .*/method = "simulation"/' -e 's/^points .*/dimension = 100/' \
    -e 's/^scrambles .*/runs = 1/' noise.toml >single.toml
  run 2 sweep single.toml --out never
  says err 'curve "theory" must have runs >= 2, whose difference is its noise'
  is_absent never
}

# What a sweep comes to, whatever happened on the way.
same_results() {
  for file in sweep.csv sweep.npz sweep.json boundary.csv figure.svg; do
    [ -e "$1/$file" ] || [ "$file" = figure.svg ] || fail "$1/$file is missing"
    [ ! -e "$1/$file" ] || cmp "$1/$file" "$2/$file" || fail "$file differs"
  done
}

sweep_same_bytes() {
  make_sweep
  run 0 sweep sweep.toml --out one --threads 1
  run 0 sweep sweep.toml --out two --threads 2
  same_results one two
  export SLURM_STEP_NUM_TASKS=3  # as srun would: a process with a part of its own needs no MPI
  for shard in 1 2 3; do run 0 sweep sweep.toml --out parts --shard $shard/3 --quiet; done
  unset SLURM_STEP_NUM_TASKS
  is_absent parts/sweep.csv
  run 0 sweep sweep.toml --out parts --merge
  same_results one parts
  rm parts/shard-2-of-3.db parts/sweep.db
  run 1 sweep sweep.toml --out parts --merge
  says err "75 points are still missing"
  run 0 sweep sweep.toml --out parts
  same_results one parts
}

sweep_survives_kills() {
  make_sweep
  run 0 sweep sweep.toml --out undisturbed
  n_killed=0
  # 100 moments from a fixed seed, 5 to 65 ms after the start.
  for delay in $(awk 'BEGIN { srand(20); for (i = 0; i < 100; ++i) print 0.005 + 0.06 * rand() }'); do
    "$program" sweep sweep.toml --out killed --quiet --threads 1 2>err &
    process=$!
    sleep "$delay"
    if kill -9 $process 2>/dev/null; then n_killed=$((n_killed + 1)); fi
    wait $process 2>/dev/null
    [ ! -s err ] || fail "a killed sweep cannot be continued"
  done
  n_done=$(sqlite_count killed/sweep.db)
  echo "$n_killed of 100 kills hit a sweep at work; then $n_done of 225 points were done"
  [ $n_killed -ge 90 ] || fail "only $n_killed kills hit"
  run 0 sweep sweep.toml --out killed
  same_results undisturbed killed
}

# The points in a store, "some" where there is no sqlite3 to ask.
sqlite_count() {
  command -v sqlite3 >/dev/null && sqlite3 "$1" 'SELECT count(*) FROM points' || echo some
}

sweep_changed_file() {
  make_sweep
  run 0 sweep sweep.toml --out here --quiet
  cp here/sweep.csv before.csv
  sed -i 's/^steps .*/steps    = 5/' sweep.toml
  run 2 sweep sweep.toml --out here
  says err "was made from another text of sweep.toml"
  says err "--update"
  cmp here/sweep.csv before.csv || fail "a refused sweep has touched the results"
  run 0 sweep sweep.toml --out here --update --quiet
  cmp -s here/sweep.csv before.csv && fail "--update has kept points that changed"
  run 0 sweep sweep.toml --out there --quiet
  same_results there here
  run 2 sweep sweep.toml --out here --update --restart
  # A part of the file as it was is refused by a merge, which cannot update it.
  run 0 sweep sweep.toml --out parts --shard 1/2 --quiet
  sed -i 's/^steps .*/steps    = 6/' sweep.toml
  run 0 sweep sweep.toml --out parts --shard 2/2 --quiet
  run 2 sweep sweep.toml --out parts --merge
  says err "shard-1-of-2.db was made from another text of sweep.toml"
  grep -q -e "--update" err && fail "advice that does not apply to a part"
  run 0 sweep sweep.toml --out parts --shard 1/2 --quiet --restart
  run 0 sweep sweep.toml --out parts --merge --quiet
  run 0 sweep sweep.toml --out whole --quiet
  same_results whole parts
}

sweep_disk() {
  make_sweep
  # A file size limit is a full disk to those who write: 60 blocks of 512 bytes.
  (
    trap '' XFSZ
    ulimit -f 60
    "$program" sweep sweep.toml --out full --quiet >out 2>err
    echo $? >status
  )
  [ "$(cat status)" -eq 1 ] || fail "exit status $(cat status) instead of 1 on a full disk"
  says err "full/sweep.db"
  says err "What was stored is safe"
  run 0 sweep sweep.toml --out full --quiet
  run 0 sweep sweep.toml --out there --quiet
  same_results there full
  dd if=/dev/zero of=full/sweep.db bs=1 seek=4096 count=3000 conv=notrunc 2>dd.log
  run 1 sweep sweep.toml --out full
  says err "damaged or no store of a sweep"
  says err "--restart"
  same_results there full
  run 0 sweep sweep.toml --out full --quiet --restart
  if [ "$(id -u)" -ne 0 ]; then
    mkdir locked && chmod a-w locked
    run 1 sweep sweep.toml --out locked/here
    says err "no permission"
  fi
  touch file
  run 1 sweep sweep.toml --out file/here
  says err "cannot be a folder"
}

sweep_failures_are_recorded() {
  cat >stable.toml <<'TOML'
format = 1
[target]
expression = "z1"
[student]
activation = "linear"
second_layer = [1.0]
[training]
samples_per_dimension = 2
steps = 2000
[[curve]]
name = "theory"
method = "simulation"
dimension = 20
runs = 2
[output]
times = [2000]
[sweep]
"training.learning_rate" = { from = 0.1, to = 3.1, count = 4 }
observable = "diverged"
refine = { level = 0.5, resolution = { "training.learning_rate" = 0.1 } }
boundary = { along = "training.learning_rate", expect = 0.2, within = 0.1 }
TOML
  # "diverged" has a value everywhere; it is the expectation that fails.
  run 4 sweep stable.toml
  says out "NOT as expected"
  run 3 sweep stable.toml --out end --set sweep.observable=max_overlap
  says err "some points have no value; the reasons are in end/sweep.json"
  grep -q "theory.* diverged" end/sweep.json || fail "no reason in sweep.json"
  run 2 sweep stable.toml --shard 3/2
  says err "--shard must be i/n"
  run 2 sweep "$first"
  says err "there is no [sweep]"
}

# A study that comes with the program comes out as its file expects: exit status 0.
study() {
  run 0 sweep "$1" --out here
  says out ": as expected"
  grep -q "NOT as expected" out && fail "not as expected"
  tail -n +2 out
}

sweep_under_mpi() {
  make_sweep
  run 0 sweep sweep.toml --out alone
  # More ranks than cores, and root in a container: both are unusual to mpirun.
  ranks="mpirun --oversubscribe --allow-run-as-root -n 4"
  $ranks "$program" sweep sweep.toml --out four >out 2>err || fail "status $? of mpirun"
  says out "225 points"
  same_results alone four
  sed 's/learning_rate/leraning_rate/' sweep.toml >wrong.toml
  $ranks "$program" sweep wrong.toml --out wrong >out 2>err && fail "a wrong file passes"
  [ "$(grep -c 'did you mean learning_rate' err)" -eq 1 ] || fail "not said once"
}

command_line() {
  run 0 --version
  says out "reprise "
  run 0 --help
  says out "validate"
  for subcommand in run validate plot list exponents sweep; do
    run 0 $subcommand --help
    exists out
  done
  run 2 rnu "$first"
  says err "did you mean run?"
  run 2
  run 2 run
  run 2 run "$first" --thread 2
  run 2 run "$first" --threads 0
  run 2 run "$first" --set
}

$case_name "${4-}"
