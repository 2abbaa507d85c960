"""Train a small network on scikit-learn's digits; writes what it says of every test image to OUT/digits.csv."""

import argparse
import csv
import os

import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.nn.functional import cross_entropy


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--width", type=int, default=32)
    parser.add_argument("--dropout", type=float, default=0.2)
    parser.add_argument("--lr", type=float, default=1e-2)
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--hidden", choices=("true", "false"), default="true")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", default="out")
    options = parser.parse_args()

    torch.set_num_threads(1)
    torch.manual_seed(options.seed)
    digits = load_digits()
    images = torch.tensor(digits.data / 16, dtype=torch.float32)
    labels = torch.tensor(digits.target)
    order = torch.randperm(len(images), generator=torch.Generator().manual_seed(0))
    train, val, test = order[:1000], order[1000:1300], order[1300:]

    width = options.width
    hidden = [nn.Linear(64, width), nn.ReLU(), nn.Dropout(options.dropout)] if options.hidden == "true" else []
    model = nn.Sequential(*hidden, nn.Linear(width if hidden else 64, 10))
    optimizer = torch.optim.Adam(model.parameters(), lr=options.lr)

    for _ in range(options.epochs):
        model.train()
        for batch in train[torch.randperm(len(train))].split(50):
            optimizer.zero_grad()
            cross_entropy(model(images[batch]), labels[batch]).backward()
            optimizer.step()

    os.makedirs(options.out, exist_ok=True)
    for name, part in (("val", val), ("test", test)):
        with torch.no_grad():
            scores = model.eval()(images[part])
        losses = cross_entropy(scores, labels[part], reduction="none")
        right = scores.argmax(1) == labels[part]
        with open(os.path.join(options.out, f"{name}.csv"), "w", newline="") as file:
            rows = csv.writer(file)
            rows.writerow(["digit", "loss", "accuracy"])
            rows.writerows(zip(part.tolist(), losses.tolist(), right.int().tolist(), strict=True))


if __name__ == "__main__":
    main()
