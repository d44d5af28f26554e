"""A loop of ONNX Runtime over single decoded images: images a second. usage: bare_images.py MODEL.onnx THREADS SECONDS"""

import sys
import threading
import time

import numpy
import onnxruntime

model, threads, seconds = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
options = onnxruntime.SessionOptions()
options.intra_op_num_threads = 1
session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
image = session.get_inputs()[0]
pixels = numpy.random.default_rng(1).standard_normal([1, *image.shape[1:]], dtype=numpy.float32)
counts = [0] * threads


def loop(index, end):
    while time.perf_counter() < end:
        session.run(None, {image.name: pixels})
        counts[index] += 1


for _ in range(50):
    session.run(None, {image.name: pixels})
end = time.perf_counter() + seconds
workers = [threading.Thread(target=loop, args=(index, end)) for index in range(threads)]
for worker in workers:
    worker.start()
for worker in workers:
    worker.join()
print(f"{sum(counts) / seconds:.1f}")
