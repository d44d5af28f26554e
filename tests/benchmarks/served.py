"""Asks a deployed product for every test row of a file, in batches of 16, and prints its accuracy and, for two labels, ROC-AUC.

usage: served.py REPORT.json FILE.csv LABEL_COLUMN [TEXT_COLUMN]; the file has a column `split`. Fails where the figures are not
those of the report.
"""

import csv
import json
import sys
import time
import urllib.error
import urllib.request

BATCH = 16
report = json.load(open(sys.argv[1]))
label, text = sys.argv[3], sys.argv[4] if len(sys.argv) > 4 else None


def predict(inputs):
    body = json.dumps({"inputs": inputs, "parameters": {"top_k": 1000}}).encode()
    headers = {"authorization": "Bearer " + report["apiKey"], "content-type": "application/json"}
    while True:
        try:
            with urllib.request.urlopen(urllib.request.Request(report["predictUrl"], body, headers)) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            if error.code != 429:
                sys.exit(f"{error.code} {error.read().decode()}")
            time.sleep(float(error.headers.get("retry-after", 1)))


def roc_auc(pairs):
    """The share of pairs of a positive and a negative row that the scores put in order, ties counted half."""
    ranked = sorted(pairs)
    ranks, i = 0.0, 0
    while i < len(ranked):
        j = i
        while j < len(ranked) and ranked[j][0] == ranked[i][0]:
            j += 1
        ranks += sum(positive for _, positive in ranked[i:j]) * (i + 1 + j) / 2
        i = j
    positives = sum(positive for _, positive in ranked)
    return (ranks - positives * (positives + 1) / 2) / (positives * (len(ranked) - positives))


with open(sys.argv[2], encoding="utf-8", newline="") as file:
    rows = [row for row in csv.DictReader(file) if row["split"] == "test"]
if len(rows) != report["rows"]["test"]:
    sys.exit(f"The file has {len(rows)} test rows, the report {report['rows']['test']}.")
inputs = [row[text] if text else {k: v for k, v in row.items() if k not in (label, "split")} for row in rows]
answers = [answer for start in range(0, len(rows), BATCH) for answer in predict(inputs[start : start + BATCH])]
right = sum(answer[0]["label"] == row[label] for answer, row in zip(answers, rows))
served = {"accuracy": right / len(rows)}
labels = sorted({row[label] for row in rows})
if len(labels) == 2:
    served["rocAuc"] = roc_auc(
        [({e["label"]: e["score"] for e in answer}[labels[1]], row[label] == labels[1]) for answer, row in zip(answers, rows)]
    )
for metric, value in served.items():
    # One row may lie between the two labels, and fall to the other side in another batch.
    if abs(value - report["metrics"][metric]) > 1 / len(rows):
        sys.exit(f"Served {metric} is {value:.4f}, evaluated was {report['metrics'][metric]:.4f}.")
print("  ".join(f"{metric} {value:.4f}" for metric, value in served.items()))
