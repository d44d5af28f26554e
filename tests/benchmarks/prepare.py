"""Writes the public data sets as files that `deploy/up --data` takes: a header, and a split column where the set has one.

usage: prepare.py DATASETS_DIRECTORY OUTPUT_DIRECTORY
"""

import csv
import hashlib
import os
import sys
import zipfile

source, target = sys.argv[1:3]
os.makedirs(target, exist_ok=True)


def write(name, header, rows):
    with open(os.path.join(target, name), "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows(rows)


def read(*path):
    return open(os.path.join(source, *path), encoding="utf-8", newline="")


rows = []
for split in ("train", "dev", "test"):
    with read("sst2", split + ".tsv") as file:
        rows += [line.rstrip("\n").split("\t") + [split] for line in file if "\t" in line]
write("sst2.csv", ["text", "label", "split"], rows)

rows = []
for split in ("train", "test"):
    with read("banking77", split + ".csv") as file:
        rows += [[row["text"], row["category"], split] for row in csv.DictReader(file)]
write("banking77.csv", ["text", "category", "split"], rows)

# The set has no split of its own: a row is a test row where the first byte of its text's SHA-256 is below 51.
with read("waimai", "waimai_10k.csv") as file:
    rows = [
        [row["review"], row["label"], "test" if hashlib.sha256(row["review"].encode()).digest()[0] < 51 else "train"]
        for row in csv.DictReader(file)
    ]
write("waimai.csv", ["review", "label", "split"], rows)

columns = (
    "age workclass fnlwgt education education-num marital-status occupation relationship race sex capital-gain "
    "capital-loss hours-per-week native-country income"
).split()
rows = []
for split in ("train", "test"):
    with read("adult", "adult-" + split + ".csv") as file:
        for row in csv.reader(file, skipinitialspace=True):
            if len(row) == len(columns):
                rows.append(row[:-1] + [row[-1].rstrip("."), split])
write("adult.csv", columns + ["split"], rows)


def pictures(name, wanted):
    """An archive of train/CLASS/FILE and test/CLASS/FILE, of the files for which wanted(split, class, number) holds."""
    with zipfile.ZipFile(os.path.join(target, name), "w") as archive:
        for split, part in (("train", "train-10k.zip"), ("test", "test-2k.zip")):
            with zipfile.ZipFile(os.path.join(source, "cifar10", part)) as files:
                for file in sorted(files.namelist()):
                    label, _, number = file.partition("/")
                    if number and wanted(split, label, int(number.removesuffix(".jpg"))):
                        archive.writestr(f"{split}/{file}", files.read(file))


many = {"airplane", "bird", "deer", "frog", "ship"}
pictures("cifar10.zip", lambda split, label, number: True)
pictures("cifar10-many.zip", lambda split, label, number: label in many)
pictures("cifar10-few.zip", lambda split, label, number: label not in many and (split == "test" or number < 30))
