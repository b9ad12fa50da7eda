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
    says here/figure.txt "Bars are one standard error"
  fi
  says out "theory against simulation: largest |difference| = "
  is_silent err
  [ "$(find here -type f | wc -l)" -le 7 ] || fail "files left behind"
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

papers_are_cited() {
  run 0 cite
  says out "@software{reprise,"
  run 0 cite dandi2024/benchmark_a
  says out "@misc{Dandi2024,"
  run 2 cite dandi2042
  says err "did you mean dandi2024?"
  [ -s out ] && fail "a citation was printed for a paper that is not there"
  return 0
}

curves_with_settings() {
  run 0 run "$first" --out plain --quiet
  cat "$first" - >two.toml <<'EOF'

[[curve]]
name   = "fresh"
method = "dmft"
points = 4096
set    = { "training.schedule" = "fresh" }

[[curve]]
name      = "fresh simulation"
method    = "simulation"
dimension = 500
runs      = 16
set       = { training.schedule = "fresh" }
EOF
  run 0 run two.toml --out two
  says out "theory against simulation:"
  says out "fresh against fresh simulation:"
  [ "$(grep -c ' against ' out)" -eq 2 ] || fail "other pairs are compared"
  for curve in theory simulation; do
    grep "^$curve," plain/curves.csv >one.csv
    grep "^$curve," two/curves.csv | cmp - one.csv || fail "$curve has other numbers beside others"
  done
  run 0 run two/summary.json --out again --quiet
  cmp two/curves.csv again/curves.csv || fail "other bytes from its summary"
  cmp two/curves.npz again/curves.npz || fail "other bytes from its summary"
  run 0 run two.toml --out two
  says out "4 of 4 curves were in two already"
  run 0 run two.toml --out two --quiet --set curve.fresh.set.training.momentum=0.5
  cmp -s two/curves.csv again/curves.csv && fail "a setting of one curve has no effect"
  sed 's/"training.schedule" = "fresh"/"training.lr" = 1/' two.toml >wrong.toml
  run 2 run wrong.toml
  line=$(grep -n 'training.lr' wrong.toml | head -1 | cut -d: -f1)
  says err "wrong.toml:$line: unknown key \"training.lr\", did you mean learning_rate?"
}

runs_by_themselves() {
  run 0 run "$first" --out one --quiet --set output.runs=true --threads 1
  run 0 run "$first" --out two --quiet --set output.runs=true --threads 2
  run 0 run "$first" --out none --quiet
  cmp one/runs.csv two/runs.csv || fail "runs.csv depends on the number of threads"
  cmp one/curves.csv none/curves.csv || fail "means differ where runs are kept"
  [ "$(grep -c '^simulation,16,10,10,M,1,1,' one/runs.csv)" -eq 1 ] || fail "run 16 is not there once"
  is_absent none/runs.csv
  run 0 run "$first" --out one --set output.runs=true
  says out "curves were in one already"
  cmp one/runs.csv two/runs.csv || fail "runs are lost where curves are not computed again"
  cmp one/curves.npz two/curves.npz || fail "runs are lost where curves are not computed again"
  run 0 run one/summary.json --out again --quiet
  cmp one/runs.csv again/runs.csv || fail "other runs from the summary"
  run 0 run "$first" --out some --quiet --set 'output.statistics=["median", "quantile 0.1"]' \
    --set output.align=true --set 'output.directions=[[1.0]]' \
    --set 'output.quantities=["M", "projection"]'
  for quantity in M M:median 'M:quantile 0.1' projection projection:median; do
    grep -q "^simulation,10,10,$quantity,1,1," some/curves.csv || fail "no $quantity"
  done
  grep -q ',Q,' some/curves.csv && fail "Q is kept"
  run 0 plot some
}

plots_together() {
  run 0 run "$first" --out a --quiet --set training.momentum=0.5
  run 0 run "$first" --out b --quiet
  command -v gnuplot >/dev/null || return 0
  run 0 plot a b --together
  exists results/a+b/figure.svg
  says results/a+b/figure.gp "a, theory"
  says results/a+b/figure.gp "b, theory"
  run 0 run "$source_dir/data/examples/one_pass.toml" --out c --quiet
  run 2 plot a c --together
  says err "shares no axis"
  is_absent results/a+c
  run 2 plot a b --together --out b
  says err "holds a run"
  run 2 plot a --out d
}

sweep_keeps_curves() {
  sweep=$source_dir/data/examples/sweep.toml
  run 0 sweep "$sweep" --out with --set sweep.keep=curves
  says out "sweep_curves.csv"
  head -1 with/sweep_curves.csv >header
  says header "repeat,curve,step,time,quantity,i,j,value,standard_error"
  run 0 sweep "$sweep" --out without --quiet
  cmp with/sweep.csv without/sweep.csv || fail "other values where curves are kept"
  is_absent without/sweep_curves.csv
  run 0 sweep "$sweep" --out without --quiet --set sweep.keep=curves --update
  cmp with/sweep_curves.csv without/sweep_curves.csv || fail "other curves after an update"
}

all_faults_at_once() {
  sed -e 's/^learning_rate .*/lr = 0.3/' -e 's/^noise_variance .*/noise_variance = -1/' \
    -e 's/^points .*/points = 3/' "$first" >several.toml
  run 2 run several.toml
  [ "$(grep -c '^reprise: several.toml:' err)" -eq 3 ] || fail "not one line for each of three"
  says err 'did you mean learning_rate? `reprise keys training` lists them'
  run 2 exponents "sgn(z1)"
  says err "did you mean sign?"
}

show_and_new() {
  run 0 show examples/first
  cmp out "$first" || fail "not the shipped file"
  run 2 show examples/fist
  says err "did you mean examples/first?"
  for algorithm in gradient_descent sgd gradient_flow prox_linear; do
    run 0 new $algorithm --algorithm $algorithm
    run 0 run $algorithm.toml --quiet
    exists results/$algorithm/curves.csv
  done
  run 2 new sgd
  says err "sgd.toml: is there already"
  run 2 new --algorithm adam
  says err 'got "adam"'
  run 0 new
  says out "# weight_decay = 0"
}

reads_standard_input() {
  run 0 run - --quiet <"$first"
  run 0 run "$first" --quiet
  cmp results/first/curves.csv results/standard_input/curves.csv || fail "other bytes"
  run 0 validate - --out there <"$first"
  says out "-: theory against simulation: "
  sed 's/^steps .*/steps = 0/' "$first" | "$program" run - >out 2>err && fail "a wrong file passes"
  says err "standard input:19: training.steps must be"
  run 2 validate - - <"$first"
  says err "- can be given once"
  run 0 sweep - --quiet --out swept <"$source_dir/data/examples/sweep.toml"
  exists swept/sweep.csv
  echo "He3(z1)" | "$program" exponents - >out 2>err || fail "exponents - fails"
  says out "He3(z1)"
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

# Nothing is drawn where nobody wants to see it, and what is stored is drawn when somebody does.
figures_when_asked_for() {
  run 0 run "$first" --out here --figure none
  for file in figure.svg figure.png figure.gp figure.txt; do is_absent here/$file; done
  grep -q "figure:" out && fail "a figure is announced"
  run 0 validate "$first" --out here --figure none
  is_absent here/figure.gp
  run 2 run "$first" --out here --figure svg,jpg
  says err "run: --figure must be none, or of svg, png and pdf, with commas between, got svg,jpg"
  run 0 sweep examples/sweep --out there --figure none --set curve.theory.points=512
  is_absent there/figure.gp
  command -v gnuplot >/dev/null || return 0
  run 0 plot here
  exists here/figure.svg
  run 0 run "$first" --out here --figure pdf
  says out "curves were in here already"
  is_absent here/figure.svg
  grep -q "%PDF" here/figure.pdf || fail "no pdf"
  says out "figure: here/figure.pdf, figure.gp, figure.txt"
}

# [figure] changes what is drawn from the same numbers, and nothing else.
figure_keys_compute_nothing() {
  command -v gnuplot >/dev/null || return 0
  run 0 run "$first" --out here --quiet
  cp here/figure.svg before.svg
  cp here/curves.csv before.csv
  run 0 plot here --set figure.y.scale=log --set figure.panels=generalisation_error
  cmp -s here/figure.svg before.svg && fail "the figure is the same"
  says here/figure.gp "set logscale y"
  cmp here/curves.csv before.csv || fail "plot touches the results"
  run 0 plot here
  cmp here/figure.svg before.svg || fail "plot keeps what --set said"
  run 2 plot here --set training.steps=3
  says err "must be a key of [figure]"
  run 2 plot here --set figure.y.scale=lgo
  says err "figure.y.scale must be"
  run 0 run "$first" --out here --set figure.title=other
  says out "curves were in here already"
  says here/figure.gp "other"
  sed -e 's/^points .*/points    = 512/' -e 's/count = 12/count = 5/g' \
    "$source_dir/data/examples/sweep.toml" >sweep.toml
  run 0 sweep sweep.toml --out there --quiet
  cp there/figure.svg before.svg
  cp there/sweep.csv before.csv
  printf '[figure]\ncolor_range = [0, 0.5]\n' >>sweep.toml
  run 0 sweep sweep.toml --out there --quiet
  cmp -s there/figure.svg before.svg && fail "color_range changes nothing"
  run 0 plot there --set figure.color_range=[0,0.9]
  says there/figure.gp "set cbrange [0:0.9]"
  cmp there/sweep.csv before.csv || fail "the sweep has other numbers"
  run 2 plot there --set sweep.seeds=3
  says err "must be a key of [figure]"
  rm there/sweep.db
  run 2 plot there
  says err "the points of a sweep are in it"
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
    # In the C locale gnuplot draws the same and warns that it has no degree sign.
    (cd alone && HOME=$work/home LC_ALL=C.UTF-8 gnuplot $figure.gp) >out 2>err || fail "gnuplot $figure.gp"
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

# A summary as older versions wrote it.
without_checksums() { sed -i '/^  "files": \[$/,/^  \],$/d' "$1"; }

one_run_one_set() {
  run 0 run "$first" --out here --quiet --set output.kernels=true
  run 0 run "$first" --out other --quiet --set seed=2
  cp -r here mixed
  cp other/curves.csv mixed/curves.csv
  run 2 plot mixed
  says err "mixed/curves.csv: is not the one that mixed/summary.json was written with"
  run 2 run mixed/summary.json --out never
  says err "mixed/curves.csv: is not the one"
  is_absent never
  without_checksums other/summary.json
  run 0 plot other
  # A file size limit is a full disk: the earlier run stays whole.
  (
    trap '' XFSZ
    ulimit -f 8
    "$program" run "$first" --out here --quiet --set seed=3 >out 2>err
    echo $? >status
  )
  [ "$(cat status)" -eq 1 ] || fail "exit status $(cat status) instead of 1 on a full disk"
  says err "here/curves."
  run 0 plot here
  # What killed runs and other runs left behind.
  : >here/curves.npz.partial.x7Gw2a
  run 0 run "$first" --out here --quiet --set seed=3
  is_absent here/curves.npz.partial.x7Gw2a
  is_absent here/kernels.gp
}

# A run of minutes, in the background: $process.
start_long_run() {
  "$program" run "$first" --out long --quiet --set curve.simulation.dimension=1000000 \
    --set curve.simulation.runs=64 >out 2>err &
  process=$!
  sleep 3  # longer than its theory takes beside other work
}

two_runs_one_folder() {
  start_long_run
  run 1 run "$first" --out long
  says err "long: another run is writing to this folder"
  kill -9 $process
  wait $process 2>/dev/null
  run 0 run "$first" --out long --quiet
}

# ends STATUS: the process in the background ends with it, and soon.
ends() {
  begin=$(date +%s)
  wait $process
  status=$?
  [ $status -eq "$1" ] || fail "exit status $status instead of $1"
  [ $(($(date +%s) - begin)) -le 2 ] || fail "it did not end soon"
}

interruption() {
  start_long_run
  kill -TERM $process
  ends 143
  says err "interrupted: 1 of 2 curves were finished and are written to long"
  says long/summary.json '"status": "stopped"'
  grep -q '^theory,10,' long/curves.csv || fail "the finished curve is not written"
  if command -v gnuplot >/dev/null; then run 0 plot long; fi
  # The same command goes on, and comes to what an undisturbed run comes to.
  small="--set curve.simulation.dimension=20000 --set curve.simulation.runs=60"
  for wait in 0.3 0.6 1.2 2.4 4.8; do  # until the theory is finished, and the simulation is not
    # shellcheck disable=SC2086  # the words of a command line
    "$program" run "$first" --out goes_on --quiet $small --threads 1 >out 2>err &
    process=$!
    sleep $wait
    kill -TERM $process
    ends 143
    if [ -e goes_on/replicas.npz ]; then break; fi
  done
  exists goes_on/replicas.npz
  # shellcheck disable=SC2086
  run 0 run "$first" --out goes_on $small
  says out "1 of 2 curves were in goes_on already; --restart computes them again"
  is_absent goes_on/replicas.npz
  # shellcheck disable=SC2086
  run 0 run "$first" --out whole $small
  cmp goes_on/curves.csv whole/curves.csv || fail "curves.csv differs"
  cmp goes_on/curves.npz whole/curves.npz || fail "curves.npz differs"
  for folder in goes_on whole; do
    sed '/_time_s\|peak_memory\|"threads"/d' $folder/summary.json >$folder.txt
  done
  cmp goes_on.txt whole.txt || fail "the comparisons differ"
  run 0 run "$first" --out finished
  run 0 run "$first" --out finished
  says out "2 of 2 curves were in finished already"
  run 0 run "$first" --out finished --restart
  grep -q "already" out && fail "--restart has no effect"
  run 0 run "$first" --out finished --set seed=2
  grep -q "already" out && fail "another experiment's curves were taken"
  make_sweep
  "$program" sweep sweep.toml --out sweep --threads 1 >out 2>err &
  process=$!
  sleep 0.2
  kill -TERM $process
  ends 143
  says err "the points that were finished are stored in sweep/sweep.db"
  run 0 sweep sweep.toml --out sweep
  for signal in TERM:143 INT:130; do
    # In the foreground: without it the signal comes twice, and the second ends the program at once.
    timeout --foreground --preserve-status -s ${signal%:*} 2 "$program" exponents "sign(z1*z2*z3)" --effort 6 \
      >out 2>err &
    process=$!
    ends ${signal#*:}
    says err "interrupted"
    is_silent out
  done
}

full_disk_keeps_figures() {
  command -v gnuplot >/dev/null || return 0
  run 0 run "$first" --out here --quiet
  run 0 exponents "He3(z1)" --figure spectrum.svg
  cp here/figure.svg before.svg
  cp here/figure.png before.png
  cp spectrum.svg spectrum_before.svg
  for limit in 0 16 48; do
    (
      trap '' XFSZ
      ulimit -f $limit
      "$program" plot here >/dev/null 2>/dev/null && exit 1
      "$program" exponents "He3(z1)" --figure spectrum.svg >/dev/null 2>/dev/null && exit 1
      exit 0
    ) 2>/dev/null || fail "exit status 0 on a full disk"
    cmp here/figure.svg before.svg || fail "figure.svg was replaced"
    cmp here/figure.png before.png || fail "figure.png was replaced"
    cmp spectrum.svg spectrum_before.svg || fail "spectrum.svg was replaced"
  done
  [ -z "$(find . -name '*.partial*')" ] || fail "files left behind"
}

full_standard_output() {
  [ -e /dev/full ] || return 0
  run 0 run "$first" --out here --quiet
  for command in "--version" "--help" "list" "keys" "exponents z1" "run $first --out o" \
    "validate $first --out v" "sweep examples/sweep --out s"; do
    # shellcheck disable=SC2086  # the words of a command line
    "$program" $command >/dev/full 2>err
    status=$?
    [ $status -eq 1 ] || fail "exit status $status instead of 1 for: $command"
    says err "standard output cannot be written"
  done
}

# Names and titles reach gnuplot as data, and nothing of the user's environment does.
gnuplot_is_given_data() {
  command -v gnuplot >/dev/null || return 0
  run 0 exponents "He3(z1)" --figure '|touch ran;.svg'
  exists '|touch ran;.svg'
  is_absent ran
  for title in "f''(x)" "'quoted" "it's \`touch ran\` \$(touch ran) \"@x\" \\n"; do
    rm -f here/figure.svg
    run 0 run "$first" --out here --quiet --set "title=$title"
    is_silent err
    exists here/figure.svg
  done
  is_absent ran
  is_absent here/ran
  GNUTERM=x11 GNUPLOT_LIB=/nowhere "$program" run "$first" --out there --quiet >out 2>err
  is_silent err
  exists there/figure.svg
}

known_before_work() {
  ln -s nowhere link
  run 1 run "$first" --out link
  says err "is a link to no folder"
  mkdir -p taken/curves.csv
  run 1 run "$first" --out taken
  says err "taken/curves.csv: is a folder where a file is to be written"
  run 2 validate "$first" missing.toml --out v
  is_absent v
  mkdir a b
  cp "$first" a/x.toml
  sed 's/^seed .*/seed = 7/' "$first" >b/x.toml
  run 0 validate a/x.toml b/x.toml --out w --quiet
  cmp -s w/x/curves.csv w/x-2/curves.csv && fail "two experiments in one folder"
  run 1 run "$first" --out "$(printf 'd%.0s' $(seq 300))"
  says err "too long"
  is_silent out
  # Nests and long keys end no stack.
  for n in 20000 100000; do
    awk -v n=$n 'BEGIN { for (i = 1; i < n; ++i) printf "a."; print "a = 1" }' >deep.toml
    run 2 run deep.toml
    says err "deep.toml:1: a key has more than"
  done
}

limits_of_the_system() {
  run 0 run "$first" --out free --quiet
  # The stacks of 200 threads do not fit: fewer do the work.
  (
    ulimit -v 700000
    "$program" run "$first" --out limited --quiet --threads 200 >out 2>err
    echo $? >status
    "$program" run "$first" --out never --quiet --set curve.theory.points=16777216 >out 2>more_err
    echo $? >more_status
  )
  [ "$(cat status)" -eq 0 ] || fail "exit status $(cat status)"
  cmp free/curves.csv limited/curves.csv || fail "a limit changes the numbers"
  grep -qx '[12]' more_status || fail "exit status $(cat more_status) where memory ends"
  grep -q "memory" more_err || fail "no word of memory: $(cat more_err)"
  is_absent never
  make_sweep
  sed -i 's/count = 15/count = 4/g' sweep.toml
  (
    ulimit -v 700000
    "$program" sweep sweep.toml --out sweep --quiet --threads 200 >out 2>err
  )
  run 0 sweep sweep.toml --out sweep --quiet
}

messages_are_for_people() {
  esc=$(printf '\033')
  run 0 run "$first" --out here --set "title=${esc}[31mred" --set training.steps=2
  says out '\x1b[31mred'
  grep -q "$esc" out && fail "an escape code reaches the terminal"
  run 2 run "$first" --set student.output_scale="$(printf 'x%.0s' $(seq 20000))"
  [ "$(wc -c <err)" -lt 2000 ] || fail "a message of $(wc -c <err) bytes"
  run 2 run "$first" --set "training.${esc}[31mx=1"
  grep -q "$esc" err && fail "an escape code reaches the terminal"
  return 0
}

other_databases_stay() {
  command -v sqlite3 >/dev/null || return 0
  make_sweep
  mkdir here
  sqlite3 here/sweep.db "create table t(x); insert into t values(1)"
  cp here/sweep.db before.db
  for restart in "" --restart; do
    # shellcheck disable=SC2086
    run 1 sweep sweep.toml --out here --quiet $restart
    says err "no store of a sweep"
    cmp here/sweep.db before.db || fail "another program's database was changed"
  done
  run 0 sweep sweep.toml --out gone --quiet
  sqlite3 gone/sweep.db "drop table points"
  run 1 sweep sweep.toml --out gone --quiet
  says err "--restart"
  run 0 sweep sweep.toml --out gone --quiet --restart
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
  without_checksums good/summary.json  # which would tell every change
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
  says err "did you mean relu?"
  run 2 exponents "z1" --effort 9
  run 2 exponents "z1" --noise -1
  run 2 exponents "z9"
  run 2 exponents "z1" --figure x.jpg
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
  for format in png pdf; do
    run 0 exponents "He3(z1)" --figure spectrum.$format
    exists spectrum.$format
  done
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
