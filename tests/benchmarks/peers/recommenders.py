"""MovieLens 100k: splits, and what NumPy and the library implicit take to fit.

usage: recommenders.py split FOLDER OUT      takes u.data, u.item and u.user; writes ml-user.csv (of every user a quarter at random is the test),
                                             ml-time.csv (the newest fifth), ml-drawn-users.csv (of a tenth of the users everything),
                                             ml-all.csv (no test), ml-items.csv (titles, dates and genres) and ml-people.csv (age, sex
                                             and occupation)
       recommenders.py fit ML-USER.csv       prints seconds and nDCG at 10 of EASE and implicit ALS, the best of five fits each
"""

import os

os.environ["OPENBLAS_NUM_THREADS"] = os.environ.get("FIT_THREADS", "2")

import csv
import sys
import time

import numpy as np


GENRES = (
    "unknown Action Adventure Animation Children Comedy Crime Documentary Drama Fantasy Film-Noir Horror Musical Mystery Romance"
    " Sci-Fi Thriller War Western"
).split()


def write(file, rows):
    with open(file, "w", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(["user_id", "item_id", "rating", "timestamp", "split"])
        writer.writerows(rows)


def split(source, folder):
    data = np.loadtxt(os.path.join(source, "u.data"), dtype=np.int64)
    data[:, :2] -= 1
    rng = np.random.default_rng(42)
    by_user = []
    for user in range(data[:, 0].max() + 1):
        rows = data[data[:, 0] == user]
        rows = rows[rng.permutation(len(rows))]
        kept = int(round(0.75 * len(rows)))
        by_user += [[*row, "" if i < kept else "test"] for i, row in enumerate(rows)]
    write(os.path.join(folder, "ml-user.csv"), by_user)
    newest = np.sort(data[:, 3])[int(0.8 * len(data))]
    write(os.path.join(folder, "ml-time.csv"), [[*row, "test" if row[3] >= newest else ""] for row in data])
    held = set(rng.permutation(data[:, 0].max() + 1)[:94])
    write(os.path.join(folder, "ml-drawn-users.csv"), [[*row, "test" if row[0] in held else ""] for row in data])
    write(os.path.join(folder, "ml-all.csv"), [[*row, ""] for row in data])
    with open(os.path.join(source, "u.user")) as people, open(os.path.join(folder, "ml-people.csv"), "w", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(["user_id", "age", "sex", "occupation"])
        for person in people:
            cells = person.strip().split("|")
            writer.writerow([int(cells[0]) - 1, *cells[1:4]])
    with open(os.path.join(source, "u.item"), encoding="latin-1") as films, open(
        os.path.join(folder, "ml-items.csv"), "w", newline=""
    ) as out:
        writer = csv.writer(out)
        writer.writerow(["item_id", "title", "released", "genres"])
        for film in films:
            cells = film.rstrip("\n").split("|")
            released = time.strptime(cells[2], "%d-%b-%Y") if cells[2] else None
            genres = [GENRES[i] for i in range(len(GENRES)) if cells[5 + i] == "1"]
            writer.writerow(
                [int(cells[0]) - 1, cells[1], time.strftime("%Y-%m-%d", released) if released else "", "|".join(genres)]
            )


def fit(file):
    import scipy.sparse as sparse

    with open(file, newline="") as source:
        rows = [(int(row["user_id"]), int(row["item_id"]), row["split"]) for row in csv.DictReader(source)]
    users, items = (1 + max(row[i] for row in rows) for i in (0, 1))
    train = np.array([row[:2] for row in rows if not row[2]])
    x = sparse.csr_matrix((np.ones(len(train), np.float32), (train[:, 0], train[:, 1])), (users, items))
    truth = [set() for _ in range(users)]
    for user, item, part in rows:
        if part:
            truth[user].add(item)
    discount = 1 / np.log2(np.arange(2, 12))

    def ndcg(scores):
        scores = scores.copy()
        scores[x.nonzero()] = -1e9
        top = np.argsort(-scores, 1)[:, :10]
        gains = []
        for user in range(users):
            hits = np.array([item in truth[user] for item in top[user]])
            gains.append((hits * discount).sum() / discount[: min(10, len(truth[user]))].sum())
        return np.mean(gains)

    gram = (x.T @ x).toarray()
    seconds = []
    for _ in range(5):
        start = time.time()
        inverse = np.linalg.inv(gram + 400 * np.eye(items))
        weights = inverse / -np.diag(inverse)
        np.fill_diagonal(weights, 0)
        seconds.append(time.time() - start)
    print(f"NumPy EASE {min(seconds):.3f} s nDCG@10 {ndcg(x @ weights):.4f}")

    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    import implicit
    import threadpoolctl

    threadpoolctl.threadpool_limits(1, "blas")
    seconds = []
    for _ in range(5):
        model = implicit.als.AlternatingLeastSquares(
            factors=32, regularization=10, alpha=4, iterations=15, random_state=1, num_threads=2, use_gpu=False
        )
        start = time.time()
        model.fit(x, show_progress=False)
        seconds.append(time.time() - start)
    print(f"implicit ALS {min(seconds):.3f} s nDCG@10 {ndcg(model.user_factors @ model.item_factors.T):.4f}")


if sys.argv[1] == "split":
    split(sys.argv[2], sys.argv[3])
else:
    fit(sys.argv[2])
