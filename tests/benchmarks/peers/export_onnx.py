"""Exports a fine-tuned classifier as Hugging Face saved it to ONNX, and quantizes it as ONNX Runtime's documentation says.

usage: export_onnx.py MODEL_DIRECTORY OUTPUT_DIRECTORY      writes fp32.onnx and int8.onnx
"""

import os
import sys

os.environ["HF_HUB_OFFLINE"] = "1"
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from transformers import AutoModelForSequenceClassification, AutoTokenizer

model_directory, out = sys.argv[1:3]
os.makedirs(out, exist_ok=True)
model = AutoModelForSequenceClassification.from_pretrained(model_directory, attn_implementation="eager").eval()
tokenizer = AutoTokenizer.from_pretrained(model_directory)


class Logits(torch.nn.Module):
    def __init__(self, classifier):
        super().__init__()
        self.classifier = classifier

    def forward(self, input_ids, attention_mask):
        return self.classifier(
            input_ids=input_ids, attention_mask=attention_mask, token_type_ids=torch.zeros_like(input_ids)
        ).logits


example = tokenizer(["a short one", "and one that is somewhat longer"], padding=True, return_tensors="pt")
torch.onnx.export(
    Logits(model),
    (example["input_ids"], example["attention_mask"]),
    f"{out}/fp32.onnx",
    input_names=["input_ids", "attention_mask"],
    output_names=["logits"],
    dynamic_axes={
        "input_ids": {0: "batch", 1: "length"},
        "attention_mask": {0: "batch", 1: "length"},
        "logits": {0: "batch"},
    },
    opset_version=17,
    dynamo=False,
)
quantize_dynamic(
    f"{out}/fp32.onnx",
    f"{out}/int8.onnx",
    weight_type=QuantType.QInt8,
    per_channel=True,
    extra_options={"DefaultTensorType": 1},
)
