"""Objects over the schema: every row and key, round trips, checks."""
import pickle
import random

import numpy as np
import pytest

import reprise as rp
from reprise import _objects, _reprise

TABLE = _reprise.table()
PROBLEM = rp.Problem("z1*z2 + He3(z1)", rp.Student("tanh", second_layer=[1.0, -0.5]))
DESCENT = rp.GradientDescent(0.2, samples_per_dimension=3, steps=2)


def rows():
    for name, found in {**_objects._ALGORITHMS, **_objects._METHODS}.items():
        is_method = name in _objects._METHODS and found is _objects._METHODS[name]
        for row in found:
            yield row, rp.__dict__[_objects.method_class_name(name) if is_method else _objects._class_name(name)]
    for name, found in _objects._METHODS.items():
        if name in _objects._ALGORITHMS:
            for row in found:
                yield row, rp.__dict__[_objects.method_class_name(name)]


def test_every_row_of_the_tables_has_a_class():
    for system in TABLE["systems"]:
        assert system["name"] in _objects._PROBLEMS
    for algorithm in TABLE["algorithms"]:
        assert issubclass(rp.__dict__[_objects._class_name(algorithm["name"])], rp.Algorithm)
    for method in TABLE["methods"]:
        cls = rp.__dict__[_objects.method_class_name(method["name"])]
        assert issubclass(cls, rp.Method)
        assert any(row.facts["engine"] == method["engine"] for row in cls._rows)


def test_every_key_of_every_row_is_an_argument():
    for table in ("algorithms", "methods"):
        for entry in TABLE[table]:
            name = _objects.method_class_name(entry["name"]) if table == "methods" else _objects._class_name(entry["name"])
            arguments = {field["key"] for field in rp.__dict__[name]._fields.values()}
            for field in entry["keys"]["fields"]:
                assert field["key"] in arguments, (name, field["key"])
                assert field["key"].split(".")[-1] in rp.__dict__[name].__doc__
    for system in TABLE["systems"]:
        for keys in system["sections"]:
            owners = [cls for cls in rp.__dict__.values() if isinstance(cls, type) and issubclass(cls, _objects.Described)]
            for field in keys["fields"]:
                assert any(field["key"] in (f["key"] for f in cls._fields.values()) for cls in owners), field["key"]


def made(row, cls, choose):
    """An object of a row from the examples that the library states of each key."""
    required = {"learning_rate": 0.5, "steps": 3, "duration": 2.0, "samples_per_dimension": 2.0}
    given = {name: required[name] for name in row.fields if name in required}
    for name, field in row.fields.items():
        if name == "engine" and row.facts.get("engine"):
            given[name] = row.facts["engine"]
        elif field.get("examples") and (field["is_required"] or choose.random() < 0.5):
            tried = {**given, name: choose.choice(field["examples"])}
            try:
                row.check(tried, cls.__name__)
            except rp.InputError:
                continue  # a rule over several keys
            given = tried
    return given


@pytest.mark.parametrize("seed", range(8))
def test_random_objects_go_round(seed):
    choose = random.Random(seed)
    n_made = 0
    for row, cls in rows():
        given = made(row, cls, choose)
        try:
            one = cls(**given)
        except rp.InputError:
            continue
        n_made += 1
        assert eval(repr(one), vars(rp)) == one
        assert pickle.loads(pickle.dumps(one)) == one
        assert cls(**one.to_dict()) == one
        assert one.replace() == one and hash(one.replace()) == hash(one)
        for name in given:
            assert getattr(one, name) is not None
    assert n_made > 10


def random_problem(choose):
    k, p = choose.randint(1, 3), choose.randint(1, 3)
    target = " + ".join(f"{choose.uniform(-1, 1):.3f}*{choose.choice(['z%d', 'He2(z%d)', 'tanh(z%d)'])}" % (i + 1)
                        for i in range(k))
    options = {"noise_variance": choose.choice([0.0, 0.25])}
    if choose.random() < 0.5:
        a = np.array([[choose.uniform(-1, 1) for _ in range(k)] for _ in range(k)])
        options["gram"] = a @ a.T + np.eye(k)
    student = rp.Student(choose.choice(["relu", "tanh", "erf", "He2"]),
                         second_layer=[choose.uniform(-1, 1) for _ in range(p)],
                         output_scale=choose.choice(["none", "inverse_sqrt"]))
    start = rp.Start(M=np.zeros((p, k)), Q=np.eye(p)) if choose.random() < 0.5 else None
    return rp.Problem(rp.Target(target, **options), student, initial=start,
                      loss=choose.choice(["square", "correlation", "huber(1.5)"]))


@pytest.mark.parametrize("seed", range(10))
def test_random_experiments_go_round(seed):
    choose = random.Random(seed)
    problem = random_problem(choose)
    algorithm, curves = choose.choice([
        (rp.GradientDescent([0.1, 0.2], samples_per_dimension=2.5, steps=2, momentum=0.5),
         {"theory": rp.DMFT(points=256), "d = 50": rp.Simulation(dimension=50, runs=2)}),
        (rp.SGD(0.3, duration=1.5), [rp.ODE(), rp.Simulation(dimension=100, runs=3, engine="dense")]),
        (rp.GradientFlow(duration=1.0), [rp.GradientFlowMethod()])])
    one = rp.Experiment(problem, algorithm, curves, seed=choose.randint(0, 9), title="a \"title\"")
    assert rp.Experiment.from_toml(one.to_toml()) == one
    assert rp.Experiment.from_dict(one.to_dict()) == one
    assert eval(repr(one), vars(rp)) == one
    assert pickle.loads(pickle.dumps(one)) == one
    assert one.problem == problem and one.algorithm == algorithm
    assert rp.Experiment(one.problem, one.algorithm, one.curves, seed=one.seed, title=one.title) == one


def test_every_shipped_experiment_goes_through_objects():
    """Those with keys that a file alone has (a [sweep], output, figure) keep them beside the objects."""
    n_seen = 0
    for row in rp.catalogue().itertuples():
        if row.is_sweep:
            continue
        one = rp.Experiment.from_file(row.name)
        document = one.to_dict()
        again = rp.Experiment(one.problem, one.algorithm, one.curves, seed=one.seed, title=one.title,
                              output=document.get("output"), figure=document.get("figure"))
        assert again == one, row.name
        n_seen += 1
    assert n_seen > 20


def test_equal_values_are_equal_however_they_are_given():
    assert rp.Student("relu", second_layer=np.array([1, 2])) == rp.Student("relu", second_layer=(1.0, 2.0))
    assert rp.GradientDescent(1, steps=2, samples_per_dimension=1) != rp.GradientDescent(1, steps=3, samples_per_dimension=1)
    assert rp.Problem("z1", rp.Student("relu", second_layer=[1.0])) == rp.Problem(
        rp.Target("z1"), rp.Student("relu", second_layer=[1.0]), loss="square")


def test_aliases_are_the_files_hints():
    by_alias = rp.GradientDescent(lr=0.2, alpha=3, steps=7)
    assert by_alias == rp.GradientDescent(0.2, samples_per_dimension=3, steps=7)
    assert "learning_rate" in repr(by_alias) or repr(by_alias).startswith("GradientDescent(0.2")


def test_objects_do_not_change():
    with pytest.raises(AttributeError, match="replace"):
        DESCENT.steps = 9
    assert DESCENT.replace(steps=9).steps == 9 and DESCENT.steps == 2
    assert DESCENT.replace(steps=9).replace(steps=2) == DESCENT


@pytest.mark.parametrize("make, key, rule, value", [
    (lambda: rp.GradientDescent(-1, samples_per_dimension=1, steps=2), "training.learning_rate", "finite", "-1"),
    (lambda: rp.GradientDescent(float("nan"), samples_per_dimension=1, steps=2), "training.learning_rate", "finite", "nan"),
    (lambda: rp.DMFT(points=1.5), "curve.points", "integer", "1.5"),
    (lambda: rp.Simulation(dimension=10, engine="fast"), "curve.engine", "one of", '"fast"|fast'),
    (lambda: rp.Target("z1", noise_variance=-1), "target.noise_variance", ">= 0", "-1"),
    (lambda: rp.Student("relu", second_layer="twos", neurons=2), "student.second_layer", "", "twos"),
    (lambda: rp.Problem(rp.Target("z1*z2", gram=[[1, 2], [2, 1]]), rp.Student("relu", second_layer=[1.0])),
     "target.gram", "positive definite", "eigenvalue"),
    (lambda: rp.Problem("z1", rp.Student("relu", second_layer=[1.0]), initial=rp.Start(M=[[1, 0]])),
     "initial.M", "shape", "(1, 2)"),
])
def test_wrong_values_are_refused_at_construction_with_the_rule_of_the_reader(make, key, rule, value):
    with pytest.raises(rp.InputError) as raised:
        make()
    error = raised.value
    assert isinstance(error, ValueError)
    assert error.key == key
    assert rule in error.rule
    assert any(part in error.value for part in value.split("|"))
    assert pickle.loads(pickle.dumps(error)).key == key


def test_unknown_and_missing_keys_are_named():
    with pytest.raises(rp.InputError, match="learning_rate"):
        rp.GradientDescent(0.1, samples_per_dimension=1, steps=2, learning_rates=2)
    with pytest.raises(rp.InputError, match="missing"):
        rp.GradientDescent(0.1, steps=2)
    with pytest.raises(rp.InputError, match="operand is due"):
        rp.Target("z1 + (")
    with pytest.raises(rp.InputError, match="duration"):
        rp.SGD(0.1)
    with pytest.raises(rp.InputError, match="did you mean|relu"):
        rp.Student("rleu", second_layer=[1.0])


def test_a_method_of_another_algorithm_is_refused():
    with pytest.raises(rp.InputError, match='"dmft", "simulation"'):
        rp.solve(PROBLEM, DESCENT, rp.ODE())


def test_errors_of_text_have_their_line():
    with pytest.raises(rp.InputError) as raised:
        rp.Experiment.from_toml("format = 1\n[target]\nexpression = \"z1\"\nnoise_variance = -1\n")
    assert len(raised.value.faults) > 1
    assert any(fault.startswith("experiment.toml:4: target.noise_variance must be") for fault in raised.value.faults)


def test_other_systems_are_problems_of_their_own():
    one = rp.Experiment.from_file("lou2024/prox_linear")
    assert isinstance(one.problem, rp.MatrixSensing)
    assert isinstance(one.algorithm, rp.ProxLinear)
    assert rp.solve(one.problem, one.algorithm).t[-1] > 0
