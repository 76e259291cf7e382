"""A search that Optuna (https://optuna.org) drives: it proposes options, `cifar train --json` trains them, and hopeless trainings end early.

    pip install optuna
    python examples/optuna_search.py [trials] [images]

`cifar search` needs no Python and does successive halving; this is for those who want more: samplers that learn, conditional options,
several processes at one study (give them one storage).
"""
import json
import signal
import subprocess
import sys
from pathlib import Path

import optuna

# Not by npx, which does not pass signals on.
CIFAR = ["node", str(Path(__file__).resolve().parent.parent / "dist" / "cli.js")]
TRIALS = int(sys.argv[1]) if len(sys.argv) > 1 else 20
IMAGES = sys.argv[2] if len(sys.argv) > 2 else "5000"


def objective(trial: optuna.Trial) -> float:
    """Accuracy on held-out training images, 0 to 1: nothing is chosen by the test set."""
    options = {
        "--learning-rate": trial.suggest_float("learning_rate", 1e-4, 3e-2, log=True),
        "--label-smoothing": trial.suggest_float("label_smoothing", 0.0, 0.3),
        "--optimizer": trial.suggest_categorical("optimizer", ["adam", "sgd"]),
    }
    command = [*CIFAR, "train", "--json", "--name", f"{trial.study.study_name}-{trial.number}"]
    command += ["--model", "fast-proxy-muon", "--augment", "fast", "--schedule", "triangle", "--epochs", "5"]
    command += ["--batch-size", "100", "--limit-train", IMAGES, "--validation-split", "0.2"]
    command += [word for name, value in options.items() for word in (name, str(value))]
    training = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    accuracy = None
    for line in training.stdout:
        epoch = json.loads(line)
        if epoch["type"] != "epoch":
            continue
        accuracy = epoch["validationAccuracy"]
        trial.report(accuracy, int(epoch["epoch"]))
        if trial.should_prune():
            # It saves what there is, and ends.
            training.send_signal(signal.SIGTERM)
            training.wait()
            raise optuna.TrialPruned()
    if training.wait() != 0 or accuracy is None:
        # It has diverged, or was refused, and has said why.
        raise optuna.TrialPruned()
    return accuracy


if __name__ == "__main__":
    study = optuna.create_study(
        study_name="optuna",
        direction="maximize",
        sampler=optuna.samplers.TPESampler(seed=0),
        pruner=optuna.pruners.MedianPruner(n_startup_trials=3, n_warmup_steps=1),
    )
    study.optimize(objective, n_trials=TRIALS)
    print(f"Best on held-out images: {study.best_value:.2%} by {study.best_params}.")
    print("Of many the best looks better than it is: train it again under a fresh --seed, and report that.")
