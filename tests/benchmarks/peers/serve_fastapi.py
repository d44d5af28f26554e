"""The peer of our serving: FastAPI over ONNX Runtime int8, without authentication, one request at a time on its thread pool.

environment: MODEL (an ONNX file), TOKENIZER (a tokenizer.json), THREADS (intra-op, default 1)
run: uvicorn serve_fastapi:app
"""

import os

import numpy as np
import onnxruntime
from fastapi import FastAPI
from pydantic import BaseModel
from tokenizers import Tokenizer

tokenizer = Tokenizer.from_file(os.environ["TOKENIZER"])
tokenizer.no_padding()
tokenizer.enable_truncation(128)
options = onnxruntime.SessionOptions()
options.intra_op_num_threads = int(os.environ.get("THREADS", "1"))
session = onnxruntime.InferenceSession(os.environ["MODEL"], options, providers=["CPUExecutionProvider"])
app = FastAPI()


class Request(BaseModel):
    inputs: str


@app.post("/predict")
def predict(request: Request):
    encoded = tokenizer.encode(request.inputs)
    logits = session.run(
        None,
        {
            "input_ids": np.array([encoded.ids], np.int64),
            "attention_mask": np.array([encoded.attention_mask], np.int64),
        },
    )[0][0]
    scores = np.exp(logits - logits.max())
    scores /= scores.sum()
    return [{"label": str(index), "score": float(scores[index])} for index in np.argsort(-scores)]
