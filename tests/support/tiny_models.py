"""Writes two models of some 100 kB for llama-server, from nothing: no download, no training, the same on every machine.

`tiny-script.gguf` always answers `tiny_script.GOLDEN`, and `tiny-random.gguf` answers printable noise without end. Both
are a llama of one layer whose vocabulary is all bytes, so that any prompt is read, and the markers of chat and of
fill-in-the-middle. Needs numpy and gguf, which only the environment of `llama_build` has; run it as a module, with the
folder to write to.

Format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md, written by its own library.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import gguf  # type: ignore[import-not-found, unused-ignore]
import numpy as np  # type: ignore[import-not-found, unused-ignore]

from support.tiny_script import RANDOM_CONTEXT, SCRIPT, SCRIPT_CONTEXT, SPACE

_MARKERS = ("<|im_start|>", "<|im_end|>", "<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>", "<|repo|>", "<|file|>")
_FIM_KEYS = {"fim_pre": "<|fim_prefix|>", "fim_suf": "<|fim_suffix|>", "fim_mid": "<|fim_middle|>"}
_REPOSITORY_KEYS = {"fim_rep": "<|repo|>", "fim_sep": "<|file|>"}
_CHAT_TEMPLATE = (
    "{% for message in messages %}<|im_start|>{{ message['role'] }}\n{{ message['content'] }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
_END = "</s>"
_WIDTH, _HEADS, _INNER = 64, 2, 128


def _vocabulary() -> dict[str, Any]:
    """Every token with its type, in the order of their numbers."""
    kinds = gguf.TokenType
    vocabulary: dict[str, Any] = {"<unk>": kinds.UNKNOWN, "<s>": kinds.CONTROL, _END: kinds.CONTROL}
    vocabulary |= {f"<0x{byte:02X}>": kinds.BYTE for byte in range(256)}
    vocabulary |= dict.fromkeys(_MARKERS, kinds.CONTROL)
    for text in (*SCRIPT, *map(chr, range(33, 127)), f"{SPACE}the", f"{SPACE}=", "\n\n", ":\n"):
        vocabulary.setdefault(text, kinds.NORMAL)
    return vocabulary


def _scripted(numbers: dict[str, int]) -> tuple[Any, Any]:
    """Embeddings and output weights: the state is how much of the script was said, and each has an axis of its own."""
    embeddings = np.zeros((len(numbers), _WIDTH), np.float32)
    outputs = np.zeros_like(embeddings)
    embeddings[:, 0] = 1  # whatever ends a prompt: nothing was said yet
    for said, token in enumerate((*SCRIPT, _END)):
        outputs[numbers[token], said] = 8  # far above all others, at any temperature
        if token != _END:
            embeddings[numbers[token]] = np.eye(_WIDTH)[said + 1]
    return embeddings, outputs


def _noisy(vocabulary: dict[str, Any], random: Any) -> tuple[Any, Any]:
    """Random embeddings; only printable tokens have weights, and so the end never comes."""
    embeddings, outputs = (random.standard_normal((len(vocabulary), _WIDTH)).astype(np.float32) for _ in range(2))
    printable = np.array([kind == gguf.TokenType.NORMAL for kind in vocabulary.values()])
    return embeddings, outputs * printable[:, None]


def _write(path: Path, context: int, vocabulary: dict[str, Any], weights: tuple[Any, Any], inner: Any) -> None:
    """`weights` are those of `_scripted` or `_noisy`; `inner` makes those of the layer, given their shape."""
    embeddings, outputs = weights
    numbers = {token: number for number, token in enumerate(vocabulary)}
    model = gguf.GGUFWriter(path, "llama")
    model.add_name(path.stem)
    model.add_context_length(context)
    model.add_embedding_length(_WIDTH)
    model.add_block_count(1)
    model.add_feed_forward_length(_INNER)
    model.add_head_count(_HEADS)
    model.add_head_count_kv(_HEADS)
    model.add_layer_norm_rms_eps(1e-5)
    model.add_rope_dimension_count(_WIDTH // _HEADS)
    model.add_rope_freq_base(10_000.0)
    model.add_vocab_size(len(vocabulary))
    model.add_file_type(gguf.LlamaFileType.ALL_F32)
    model.add_tokenizer_model("llama")
    model.add_tokenizer_pre("default")
    model.add_token_list(list(vocabulary))
    model.add_token_scores([-float(number) for number in numbers.values()])
    model.add_token_types(list(vocabulary.values()))
    model.add_unk_token_id(numbers["<unk>"])
    model.add_bos_token_id(numbers["<s>"])
    model.add_eos_token_id(numbers[_END])
    model.add_eot_token_id(numbers["<|im_end|>"])
    model.add_add_bos_token(True)
    model.add_add_eos_token(False)
    model.add_add_space_prefix(False)
    for key, token in (_FIM_KEYS | _REPOSITORY_KEYS).items():
        model.add_uint32(f"tokenizer.ggml.{key}_token_id", numbers[token])
    model.add_chat_template(_CHAT_TEMPLATE)
    model.add_tensor("token_embd.weight", embeddings)
    model.add_tensor("output.weight", outputs)
    for norm in ("output_norm", "blk.0.attn_norm", "blk.0.ffn_norm"):
        model.add_tensor(f"{norm}.weight", np.ones(_WIDTH, np.float32))
    for part in ("attn_q", "attn_k", "attn_v", "attn_output"):
        model.add_tensor(f"blk.0.{part}.weight", inner((_WIDTH, _WIDTH)))
    for part, shape in (
        ("ffn_gate", (_INNER, _WIDTH)),
        ("ffn_up", (_INNER, _WIDTH)),
        ("ffn_down", (_WIDTH, _INNER)),
    ):
        model.add_tensor(f"blk.0.{part}.weight", inner(shape))
    model.write_header_to_file()
    model.write_kv_data_to_file()
    model.write_tensors_to_file()
    model.close()


def main(folder: Path) -> None:
    vocabulary = _vocabulary()
    numbers = {token: number for number, token in enumerate(vocabulary)}
    random = np.random.default_rng(0)

    def zeros(shape: tuple[int, int]) -> Any:
        return np.zeros(shape, np.float32)

    def some(shape: tuple[int, int]) -> Any:
        return (random.standard_normal(shape) * 0.05).astype(np.float32)

    _write(folder / "tiny-script.gguf", SCRIPT_CONTEXT, vocabulary, _scripted(numbers), zeros)
    _write(folder / "tiny-random.gguf", RANDOM_CONTEXT, vocabulary, _noisy(vocabulary, random), some)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
