"""Watches a demo until its job has ended: every second the proportional set size of the training worker and its children, and how long the demo said nothing new.

usage: watch.py DATA_DIRECTORY LOG
"""

import os
import re
import subprocess
import sys
import time

data, log = sys.argv[1:3]


def tree(pid):
    children = subprocess.run(["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True).stdout.split()
    return [pid] + [grandchild for child in children for grandchild in tree(int(child))]


def megabytes(pid):
    try:
        return int(re.search(r"^Pss:\s+(\d+)", open(f"/proc/{pid}/smaps_rollup").read(), re.M).group(1)) / 1024
    except (FileNotFoundError, ProcessLookupError, AttributeError):
        return 0


benchmark = os.getppid()
state, line, said = "start", "", time.monotonic()
peaks, silences = {}, {}
while state != "deploy" and os.getppid() == benchmark:
    time.sleep(1)
    lines = open(log, errors="replace").read().splitlines() if os.path.exists(log) else []
    for shown in lines:
        if re.match(r"(Upload|Inspect|Deploy|Evaluation of) |  [a-z_]+(: .*)?$", shown):
            state = shown.split()[0].rstrip(":").lower()
    if lines and lines[-1] != line:
        line, said = lines[-1], time.monotonic()
    silence = time.monotonic() - said
    if silence > silences.get(state, (0, ""))[0]:
        silences[state] = silence, line.strip()
    try:
        worker, *trial = tree(int(open(data + "/run/training-worker.pid").read().split()[0]))
    except (FileNotFoundError, IndexError):
        continue
    sizes = megabytes(worker), sum(map(megabytes, trial))
    if sum(sizes) > sum(peaks.get(state, (0, 0))):
        peaks[state] = sizes
    if not os.path.exists(f"/proc/{worker}"):
        break
for name, (worker, trial) in peaks.items():
    silence, after = silences.get(name, (0, ""))
    print(f"{name}: peak {worker + trial:.0f} MiB, of which the trial {trial:.0f}; silent for at most {silence:.0f} s, after \"{after}\"")
print(f"peak of all: {max(map(sum, peaks.values()), default=0):.0f} MiB", flush=True)
