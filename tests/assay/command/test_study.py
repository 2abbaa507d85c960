"""A command as a study: what names its results, what it is given, and what is refused before anything starts."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from assay.command.study import CommandStudy, command_study
from assay.config.changes import apply
from assay.config.errors import UserError
from assay.experiment.execution import execute_trial, train_trial
from assay.experiment.planning.plan import plan
from assay.experiment.suite import suite_of
from assay.store.store import STAGES, Store
from assay.studies import study_of
from assay.study import VAL
from assay.tuning.spaces.space import parameters_of
from tests.assay.command.conftest import DOCUMENT, GOOD, HEAD, loss_of, trial_of

MakeStudy = Callable[..., CommandStudy]


def test_a_trial_is_trained_measured_and_stored(make_study: MakeStudy, store: Store) -> None:
    study = make_study()
    assert loss_of(study, store, trial_of(study, seed=3, width=16)) == 19
    again = execute_trial(study, trial_of(study, seed=3, width=16), store)
    assert (again.trained_epochs, again.measured_before) == (0, True)


def test_a_worker_makes_the_same_study_of_what_it_is_sent(make_study: MakeStudy) -> None:
    study = make_study()
    names = [trial_of(study).fingerprint, trial_of(study, width=9).fingerprint]
    there = study_of(study.code)
    assert isinstance(there, CommandStudy)
    assert [trial_of(there).fingerprint, trial_of(there, width=9).fingerprint] == names
    assert there.code == study.code


@pytest.mark.parametrize(
    "change",
    [
        lambda folder: (folder / "train.py").write_text(GOOD + "# a comment\n"),
        lambda folder: (folder / "helper.py").write_text(""),
        lambda folder: (folder / "inner").mkdir() or (folder / "inner" / "part.py").write_text("x = 1"),
        lambda folder: (folder / "data.csv").write_text("2"),
    ],
)
def test_a_changed_file_names_other_results(make_study: MakeStudy, change: Callable[[Path], Any]) -> None:
    study = make_study(files=["*.csv"])
    (study.folder / "data.csv").write_text("1")
    before = trial_of(study)
    change(study.folder)
    fresh = command_study(study._text, str(study._path))
    assert trial_of(fresh).stages[0].fingerprint != before.stages[0].fingerprint


def test_what_decides_nothing_names_nothing(make_study: MakeStudy) -> None:
    study = make_study()
    before = trial_of(study).fingerprint
    for name in ("note.txt", ".hidden/x.py", "__pycache__/x.py", "env/lib/x.py", "env/pyvenv.cfg"):
        path = study.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("1")
    fresh = make_study(title="another", seeds=5, keep=["*.pt"], rows={"ours": {"title": "x"}})
    assert trial_of(fresh).fingerprint == before


def test_a_file_that_is_a_word_decides_also_through_a_parameter(make_study: MakeStudy) -> None:
    words = "python train.py --seed {seed} --width {width} --out {output} --resume {data}"
    study = make_study(command=words, parameters={"width": 8, "data": "a.csv"})
    (study.folder / "a.csv").write_text("1")
    before = trial_of(study).fingerprint
    (study.folder / "a.csv").write_text("22")
    assert trial_of(command_study(study._text, str(study._path))).fingerprint != before


def test_a_new_metric_is_measured_without_training(make_study: MakeStudy, store: Store) -> None:
    script = HEAD + 'json.dump({"loss": 1, "other": 2}, open(f"{options.out}/m.json", "w"))'
    study = make_study(script)
    execute_trial(study, trial_of(study), store)
    more = make_study(script, metrics={"loss": {"better": "smaller"}, "other": {"better": "larger"}})
    assert execute_trial(more, trial_of(more), store).trained_epochs == 0


def test_a_script_that_is_edited_while_the_run_goes_on_stores_nothing(make_study: MakeStudy, store: Store) -> None:
    study = make_study(GOOD + 'open("train.py", "a").write("#")\n')
    trial = trial_of(study)
    with pytest.raises(UserError, match=r"train\.py was changed while the run went on"):
        execute_trial(study, trial, store)
    assert store.find(STAGES, trial.stages[0].fingerprint) is None


def test_the_command_has_the_users_environment_and_no_shell(
    make_study: MakeStudy, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    tell = 'json.dump({"loss": 1, "env": dict(os.environ), "argv": sys.argv}, open(f"{options.out}/m.json", "w"))'
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    study = make_study(
        HEAD + tell,
        command="python train.py --seed {seed} --width {width} --out {output} --resume '{text}; echo $HOME {x: 1}'",
        parameters={"width": 8, "text": "a b"},
        environment={"MINE": "yes"},
        keep=["m.json"],
    )
    there = study_of(study.code)
    assert isinstance(there, CommandStudy)
    monkeypatch.setenv("OMP_NUM_THREADS", "1")  # as Ray does in a worker
    monkeypatch.setenv("PYTHONPATH", "/nowhere")
    execute_trial(there, trial_of(there), store)
    told = json.loads(_output(there, store, "m.json"))
    assert told["env"]["OMP_NUM_THREADS"] == "7"
    assert told["env"]["MINE"] == "yes"
    assert told["env"].get("PYTHONPATH") != "/nowhere"
    assert told["argv"][-1] == "a b; echo $HOME {x: 1}"


def test_nothing_of_the_environment_is_stored(
    make_study: MakeStudy, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MY_SECRET", "hunter2-hunter2")
    study = make_study()
    execute_trial(study, trial_of(study), store)
    files = [path for path in (tmp_path / "store").rglob("*") if path.is_file()]
    assert files
    assert not any(b"hunter2" in path.read_bytes() for path in files)


def _output(study: CommandStudy, store: Store, name: str) -> bytes:
    from assay.command.archive import file_in

    entry = store.find(STAGES, trial_of(study).stages[0].fingerprint)
    assert entry
    return file_in(store.read(entry, study.state_file) or b"", name)


def test_a_checkpoint_is_offered_after_a_kill(make_study: MakeStudy, store: Store) -> None:
    script = HEAD + (
        "if not options.resume: sys.exit(3)\n"
        'json.dump({"loss": float(open(options.resume).read())}, open(f"{options.out}/m.json", "w"))\n'
    )
    study = make_study(
        script,
        command=f"{DOCUMENT['command']} --resume {{resume}}",
        checkpoint="state.txt",
    )
    trial = trial_of(study)
    with pytest.raises(Exception, match="exit code 3"):
        execute_trial(study, trial, store)
    from assay.training.state import sealed_file

    store.write_checkpoint(trial.stages[0].fingerprint, sealed_file(b"0.5"))
    assert plan([trial], store).begun == {trial.stages[0].fingerprint: 0}
    assert loss_of(study, store, trial) == 0.5


def test_checkpoints_are_kept_while_it_runs(make_study: MakeStudy, store: Store) -> None:
    script = HEAD + (
        "import time\n"
        'open(f"{options.out}/state.txt", "w").write("abc")\n'
        "time.sleep(1.5)\n"  # longer than two looks
        "sys.exit(1)\n"
    )
    study = make_study(script, command=f"{DOCUMENT['command']} --resume {{resume}}", checkpoint="state.txt")
    trial = trial_of(study)
    with pytest.raises(Exception, match="exit code 1"):
        execute_trial(study, trial, store)
    from assay.training.state import unsealed_file

    assert unsealed_file(store.read_checkpoint(trial.stages[0].fingerprint) or b"") == b"abc"


def test_progress_is_passed_on_and_its_losses_are_kept(make_study: MakeStudy, store: Store) -> None:
    lines = (
        'with open(f"{options.out}/p.jsonl", "w") as file:\n'
        '    for k in (1, 2, 3): print(json.dumps({"step": k, "steps": 3, "loss": 1 / k}), file=file)\n'
        '    print("no json", file=file)\n'
    )
    study = make_study(GOOD.replace("json.dump(", lines + "json.dump(", 1), progress="p.jsonl")
    seen: list[tuple[int, int]] = []
    execute_trial(study, trial_of(study), store, lambda now: seen.append((now.step, now.steps)))
    assert seen[0] == (0, 0)
    assert seen[-1] == (3, 3)
    entry = store.find(STAGES, trial_of(study).stages[0].fingerprint)
    assert entry
    assert [epoch for epoch, _ in entry.record.log] == [1, 2, 3]


def test_a_split_is_asked_for_or_has_a_file_of_its_own(make_study: MakeStudy, store: Store) -> None:
    config = make_study().schema.config()
    assert make_study().size(config, VAL) == 0
    script = HEAD + 'json.dump({"loss": {"val": 1, "test": 2}[options.split]}, open(f"{options.out}/m.json", "w"))'
    asked = make_study(script, command=f"{DOCUMENT['command']} --split {{split}}")
    assert asked.size(config, VAL)
    assert [loss_of(asked, store, trial_of(asked, split=split)) for split in ("val", "test")] == [1, 2]
    both = HEAD + "\n".join(f'json.dump({{"loss": {n}}}, open(f"{{options.out}}/{n}.json", "w"))' for n in (3, 4))
    named = make_study(both, results="3.json", validation="4.json")
    assert [loss_of(named, store, trial_of(named, split=split)) for split in ("val", "test")] == [4, 3]
    first, second = (trial_of(named, split=split) for split in ("val", "test"))
    assert first.stages == second.stages
    assert first.fingerprint != second.fingerprint


def test_a_baseline_is_a_command_without_a_seed(make_study: MakeStudy) -> None:
    script = HEAD + 'json.dump({"loss": 5}, open(f"{options.out}/m.json", "w"))'
    study = make_study(script, baselines={"mean": "python train.py --out {output}"})
    assert study.measure_rule(study.schema.config(), "mean", "test").samples == (("", {"loss": 5.0}),)
    assert suite_of(study).baselines == ("mean",)


def test_types_come_from_the_defaults(make_study: MakeStudy) -> None:
    parameters = {"width": 8, "lr": {"default": 0.1, "low": 0.01, "high": 1, "log": True}, "on": True, "kind": "a"}
    words = f"{DOCUMENT['command']} {{lr}} {{on}} {{kind}}"
    study = make_study(parameters=parameters, command=words)
    config = study.schema.compose(["lr=1", "on=false", "kind=b c"])
    assert (config.lr, config.on, config.kind, config.width) == (1.0, False, "b c", 8)
    for change in ({"width": 0.5}, {"on": "perhaps"}, {"lr": "fast"}, {"widht": 3}):
        with pytest.raises(UserError):
            apply(config, change)
    assert parameters_of(study)["lr"].scale == "log"


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"comand": "x"}, "comand"),
        ({"command": None}, "command"),
        ({"command": "python 'train.py"}, "cannot be split"),
        ({"command": ""}, "empty"),
        ({"command": "python train.py {width} {output}"}, "no {seed}"),
        ({"command": "python train.py {width} {seed}"}, "no {output}"),
        ({"command": "python train.py {seed} {output}"}, "no {width}"),
        ({"command": f"{DOCUMENT['command']} {{resume}}"}, "`checkpoint:` and {resume}"),
        ({"command": f"{DOCUMENT['command']} {{split}}", "validation": "v.json"}, "got both"),
        ({"parameters": {"seeds": 8}}, "cannot be called seeds"),
        ({"parameters": {"output": 8}}, "cannot be called output"),
        ({"parameters": {"lambda": 8}}, "cannot be called 'lambda'"),
        ({"parameters": {"lr-max": 8}}, "cannot be called 'lr-max'"),
        ({"parameters": {"width": {"default": 8, "low": 4}}}, "low and high, both"),
        ({"parameters": {"width": {"default": 8, "low": 4, "high": 4.5}}}, "whole numbers"),
        ({"parameters": {"width": {"default": 8, "low": 4, "high": 2}}}, "low < high"),
        ({"parameters": {"width": {"default": 8, "choices": [4, 16]}}}, "none of its choices"),
        ({"parameters": {"width": {"default": 8, "choices": [8, "9"]}}}, "default's type"),
        ({"parameters": {"width": {"lwo": 8, "default": 2}}}, "lwo"),
        ({"results": "../m.json"}, "a file in its folder"),
        ({"results": "m.txt"}, "ends in .json, .csv, .parquet"),
        ({"metrics": {}}, "metrics"),
        ({"metrics": {"loss": {"better": "smallest"}}}, "better"),
        ({"metrics": {"loss": {}}}, "better"),
        ({"sample": "loss"}, "cannot be a metric too"),
        ({"seeds": 0}, "seeds"),
        ({"seeds": "three"}, "seeds"),
        ({"epochs": "widht", "progress": "p.jsonl"}, "Did you mean width"),
        ({"epochs": "width"}, "`progress:`"),
        ({"baselines": {"mean": "python mean.py {seed}"}}, "baseline mean has no seed"),
        ({"title": "${oc.env:HOME}"}, "not filled in"),
    ],
)
def test_a_wrong_file_is_one_line(make_study: MakeStudy, changes: dict[str, Any], told: str) -> None:
    with pytest.raises(UserError) as error:
        make_study(**changes)
    assert told in str(error.value)
    assert "\n" not in str(error.value)


def test_a_program_that_is_not_there_is_told_before_anything_starts(make_study: MakeStudy) -> None:
    study = make_study(command=DOCUMENT["command"].replace("python", "pyhton"))
    with pytest.raises(UserError, match="no program pyhton"):
        study.prepared(study.schema.config(), ())


def test_a_script_that_is_not_there_is_told_before_anything_starts(make_study: MakeStudy) -> None:
    for command, script in ((DOCUMENT["command"].replace("train.py", "trian.py"), "trian.py"), ("sh a.sh", "a.sh")):
        study = make_study(command=f"{command} --seed {{seed}} --width {{width}} {{output}}")
        with pytest.raises(UserError, match=f"^tiny.yaml: {script} is not there, in "):
            study.prepared(study.schema.config(), ())
    make_study(command=DOCUMENT["command"].replace("train.py", "-m train")).prepared(None, ())


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"comand": "x"}, "comand: there is no such key. Did you mean command? Known: command, results"),
        ({"metrics": {"a": {"better": "lower"}}}, "better: Input should be 'larger', 'smaller' or 'none'; got 'lower'"),
        ({"metrics": {"a": {"better": "smaller", "units": "s"}}}, "units: there is no such key. Did you mean unit?"),
        ({"seeds": "four"}, "seeds: Input should be a valid integer; got 'four'"),
    ],
)
def test_a_misspelt_file_is_told_what_was_meant_and_what_came(
    make_study: MakeStudy, changes: dict[str, Any], told: str
) -> None:
    with pytest.raises(UserError) as error:
        make_study(**changes)
    assert told in str(error.value)


def test_the_folder_is_where_it_runs_and_output_is_elsewhere(make_study: MakeStudy, store: Store) -> None:
    script = (
        HEAD
        + 'json.dump({"loss": len(os.listdir(options.out)), "at": os.getcwd()}, open(f"{options.out}/m.json", "w"))'
    )
    study = make_study(script)
    assert loss_of(study, store, trial_of(study)) == 0
    assert sorted(os.listdir(study.folder)) == ["tiny.yaml", "train.py"]


def test_a_search_can_look_at_the_values_that_a_script_tells_on_the_way(make_study: MakeStudy, store: Store) -> None:
    lines = (
        'with open(f"{options.out}/p.jsonl", "w") as file:\n'
        '    for k in (1, 2, 3): print(json.dumps({"step": k, "loss": 1 / k}), file=file)\n'
    )
    study = make_study(
        GOOD.replace("json.dump(", lines + "json.dump(", 1),
        progress="p.jsonl",
        parameters={"width": 3},
        epochs="width",
        validation="m.json",
    )
    trial, seen = trial_of(study, split="val"), []
    report = []
    train_trial(study, trial, store, report.append, lambda named, epoch, model: seen.append((epoch, dict(model))))
    assert seen == [(1, {"loss": 1.0}), (2, {"loss": 0.5})]  # the end has a file of its own
    assert study.measure(trial.config, seen[0][1], VAL).samples == (("", {"loss": 1.0}),)
    assert {progress.steps for progress in report} == {3}
