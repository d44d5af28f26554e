"""Writes interactions as a shop would have them: popularity by a power law, activity log-normal, tastes that users share, time.

usage: interactions.py ROWS USERS ITEMS FILE.csv [ITEMS.csv]

Items lie in 16 genres of 16 kinds each. A user draws four of ten items from three favourite kinds, three from a favourite genre, one from another, the
rest from everything, each by popularity, over a while of up to a year that begins anywhere in two. Every item comes at least a few times. Rows come in
the order of time, pairs once. The second file says the genre, kind and price of every item. The same arguments give the same bytes.
"""

import sys

import numpy as np

GENRES, KINDS = 16, 16
FAVOURITES = 3
SHARES = [0.4, 0.3, 0.1]  # of favourite kinds, the favourite genre, another genre; the rest is of everything
POWER, SIGMA = 0.8, 1.0
LEAST = 4  # draws of an item
BEGIN, DAY = 1_640_995_200, 86_400
CHUNK = 1 << 20


def draw(rows, users, items, rng):
    # Items in the order of their kinds, so that kinds, genres and everything are ranges of one cumulative popularity.
    popularity = rng.permutation(np.arange(1, items + 1, dtype=float) ** -POWER)
    cumulative = np.concatenate([[0], np.cumsum(popularity)])
    bounds = np.linspace(0, items, GENRES * KINDS + 1).astype(np.int64)
    genre = rng.integers(0, GENRES, (users, 2))
    kinds = genre[:, :1] * KINDS + rng.integers(0, KINDS, (users, FAVOURITES))
    activity = np.cumsum(rng.lognormal(0, SIGMA, users))
    user = np.searchsorted(activity / activity[-1], rng.random(rows)).astype(np.int64)
    source = np.searchsorted(np.cumsum(SHARES), rng.random(rows))
    kind = kinds[user, rng.integers(0, FAVOURITES, rows)]
    first = np.select([source == 0, source == 1, source == 2], [kind, genre[user, 0] * KINDS, genre[user, 1] * KINDS], 0)
    width = np.array([1, KINDS, KINDS, GENRES * KINDS])[source]
    low, high = cumulative[bounds[first]], cumulative[bounds[first + width]]
    item = np.searchsorted(cumulative, low + rng.random(rows) * (high - low), side="right") - 1
    return user, np.clip(item, 0, items - 1)


def generate(rows, users, items, rng):
    user, item = draw(rows + rows // 2, users, items, rng)
    least = rng.integers(0, users, LEAST * items) * items + np.tile(np.arange(items), LEAST)
    pairs = np.unique(np.concatenate([user * items + item, least]))
    if len(pairs) < rows:
        sys.exit(f"{users} users and {items} items of these tastes make {len(pairs)} pairs and no more.")
    lot = rng.random(len(pairs))
    lot[np.searchsorted(pairs, least)] = 0
    pairs = pairs[np.argpartition(lot, rows - 1)[:rows]]
    user, item = pairs // items, pairs % items
    begin, length = rng.random(users) * 365, 1 + rng.random(users) * 364
    time = BEGIN + ((begin[user] + rng.random(rows) * length[user]) * DAY).astype(np.int64)
    order = np.argsort(time, kind="stable")
    # Ids that say nothing of kind or taste.
    people, names = rng.permutation(users), rng.permutation(items)
    return (people[user[order]], names[item[order]], time[order]), np.argsort(names)


def write(file, columns):
    """All numbers with leading zeros, so that a block of rows is one array of bytes."""
    with open(file, "wb") as out:
        out.write(b"user_id,item_id,timestamp\n")
        for begin in range(0, len(columns[0]), CHUNK):
            parts = []
            for prefix, digits, end, values in zip(b"ui\0", (6, 6, 10), b",,\n", columns):
                chunk = values[begin : begin + CHUNK]
                if prefix:
                    parts.append(np.full((len(chunk), 1), prefix, np.uint8))
                parts.append((chunk[:, None] // 10 ** np.arange(digits - 1, -1, -1) % 10 + ord("0")).astype(np.uint8))
                parts.append(np.full((len(chunk), 1), end, np.uint8))
            out.write(np.concatenate(parts, 1).tobytes())


def describe(file, places, rng):
    with open(file, "w") as out:
        out.write("item_id,genre,kind,price\n")
        kinds = places * GENRES * KINDS // len(places)
        for name, (kind, price) in enumerate(zip(kinds, rng.lognormal(3, 1, len(places)))):
            out.write(f"i{name:06d},genre {kind // KINDS},kind {kind},{price:.2f}\n")


rows, users, items = map(int, sys.argv[1:4])
rng = np.random.default_rng(7)
columns, places = generate(rows, users, items, rng)
write(sys.argv[4], columns)
if len(sys.argv) > 5:
    describe(sys.argv[5], places, rng)
