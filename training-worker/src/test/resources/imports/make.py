"""Writes tiny models with random weights as their libraries save them, each in a folder of its own: encoders of transformers with
config.json, model.safetensors, tokenizer.json, and outputs.json with token ids and the mean of the last layer's states over each text; residual networks of timm
with model.safetensors, and outputs.json with pixels and the features before the head. usage: make.py (in this folder; needs torch, transformers,
torchvision, timm)"""
import json
import os
import torch
from transformers import (BertConfig, BertForSequenceClassification, DistilBertConfig, DistilBertForMaskedLM, RobertaConfig,
                          RobertaForMaskedLM)

torch.manual_seed(1)
SIZES = dict(hidden_size=32, num_hidden_layers=2, num_attention_heads=4, intermediate_size=64, vocab_size=60)
models = {
    "bert": BertForSequenceClassification(BertConfig(max_position_embeddings=40, num_labels=3, **SIZES)),
    "distilbert": DistilBertForMaskedLM(DistilBertConfig(dim=32, n_layers=2, n_heads=4, hidden_dim=64, vocab_size=60,
                                                         max_position_embeddings=40)),
    "roberta": RobertaForMaskedLM(RobertaConfig(max_position_embeddings=42, type_vocab_size=1, layer_norm_eps=1e-5, **SIZES)),
}
texts = [[2, 17, 33, 8, 3], [2, 5, 3], [2] + list(range(10, 40)) + [3]]
for name, model in models.items():
    generator = torch.Generator().manual_seed(11)
    with torch.no_grad():
        # Larger than usual, so that every part has something to say.
        for parameter in model.parameters():
            parameter.add_(torch.randn(parameter.shape, generator=generator) * (0.3 if parameter.dim() > 1 else 0.1))
    model.eval()
    model.save_pretrained(name)
    with torch.no_grad():
        means = [model.base_model(torch.tensor([ids])).last_hidden_state[0].mean(0).tolist() for ids in texts]
    json.dump({"ids": texts, "means": means}, open(f"{name}/outputs.json", "w"))

from tokenizers import Tokenizer, decoders, models as kinds, normalizers, pre_tokenizers, processors  # noqa: E402

letters = list("abcdefghijklmnopqrstuvwxyz")
words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *letters, *("##" + letter for letter in letters), "?", "."]
word_piece = Tokenizer(kinds.WordPiece({word: i for i, word in enumerate(words)}, unk_token="[UNK]"))
word_piece.normalizer = normalizers.BertNormalizer(lowercase=True)
word_piece.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
word_piece.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
word_piece.decoder = decoders.WordPiece()
pairs = [("t", "h"), ("th", "e"), ("i", "n"), ("e", "r"), ("\u0120", "t")]
pieces = ["<s>", "<pad>", "</s>", "<unk>", "<mask>", "\u0120", *letters, *(a + b for a, b in pairs), "?", "."]
bytes_pairs = Tokenizer(kinds.BPE({piece: i for i, piece in enumerate(pieces)}, pairs))
bytes_pairs.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
bytes_pairs.post_processor = processors.RobertaProcessing(("</s>", 2), ("<s>", 0))
bytes_pairs.decoder = decoders.ByteLevel()
for name, tokenizer in (("bert", word_piece), ("distilbert", word_piece), ("roberta", bytes_pairs)):
    assert tokenizer.get_vocab_size() <= SIZES["vocab_size"]
    tokenizer.save(f"{name}/tokenizer.json")

from safetensors.torch import save_file  # noqa: E402
from timm.models.resnet import BasicBlock, Bottleneck, ResNet, resnet18 as timm18, resnet50 as timm50  # noqa: E402
from torchvision.models import resnet18, resnet50  # noqa: E402

for ours, theirs in ((resnet18(), timm18()), (resnet50(), timm50())):
    assert ours.state_dict().keys() == theirs.state_dict().keys(), "torchvision and timm have the same names"
for name, block in (("basic", BasicBlock), ("bottleneck", Bottleneck)):
    network = ResNet(block, (2, 1, 1, 2), num_classes=3, channels=(4, 6, 8, 10))
    generator = torch.Generator().manual_seed(12)
    with torch.no_grad():
        for key, tensor in network.state_dict().items():
            if tensor.is_floating_point():
                tensor.add_((torch.rand(tensor.shape, generator=generator) if "var" in key else torch.randn(tensor.shape, generator=generator)) * 0.3)
    network.eval()
    pixels = torch.round(torch.randn(2, 3, 48, 48, generator=generator), decimals=3)
    os.makedirs(name, exist_ok=True)
    save_file(network.state_dict(), f"{name}/model.safetensors")
    with torch.no_grad():
        features = network.global_pool(network.forward_features(pixels))
    json.dump({"pixels": [round(v, 3) for v in pixels.flatten().tolist()], "features": features.tolist()}, open(f"{name}/outputs.json", "w"))
