"""Writes test/reference/prompts/: prompts and prefixes in PEFT's files, and what PyTorch in float64 makes of them before committed models.

Run:  python3 tools/reference_prompts.py   (needs PyTorch >= 1.13; the tests themselves need no Python)

Models are those of test/reference/models/gpt2 and llama/llama. Adapters have the names and layouts that PEFT publishes: `prompt_embeddings`
[tokens, channels] for PROMPT_TUNING, vectors before those of the text; and [tokens, 2·layers·heads·channels] for PREFIX_TUNING, of which row t has
for each layer a key and a value, by heads, whose positions are 0 to tokens - 1. expected.safetensors has the logits of the text's tokens, the loss
of each next token within the lengths, and its gradient by the table.
"""
import json
import math
import os
import shutil
import struct

import torch
import torch.nn.functional as F

from reference_files import save

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'test', 'reference')
IDS = torch.tensor([[3, 17, 39, 0, 8, 8, 21], [30, 2, 5, 11, 0, 0, 0]])
LENGTHS = torch.tensor([7, 4])
TOKENS = 4


def weights_of(folder):
    """All floats of a model's files, in float64."""
    found = {}
    for name in sorted(os.listdir(folder)):
        if not name.startswith('model') or not name.endswith('.safetensors'):
            continue
        with open(os.path.join(folder, name), 'rb') as file:
            data = file.read()
        end = 8 + struct.unpack('<Q', data[:8])[0]
        for key, info in json.loads(data[8:end]).items():
            kind = {'F32': torch.float32, 'BF16': torch.bfloat16}.get(info.get('dtype'))
            if kind:
                first, last = info['data_offsets']
                found[key] = torch.frombuffer(bytearray(data[end + first:end + last]), dtype=kind).reshape(info['shape']).double()
    return found


def attention(q, k, v, prefix):
    """Each token sees the prefix, itself and those before it; heads of keys are shared by neighbours."""
    T = q.shape[2]
    if prefix is not None:
        k, v = (torch.cat([before.expand(len(q), *before.shape), own], 2) for before, own in zip(prefix, (k, v)))
    k, v = (x.repeat_interleave(q.shape[1] // x.shape[1], 1) for x in (k, v))
    S = k.shape[2]
    sees = torch.ones(T, S, dtype=torch.bool).tril(S - T)
    p = (q @ k.transpose(2, 3) / math.sqrt(q.shape[3])).masked_fill(~sees, -math.inf).softmax(3)
    return (p @ v).transpose(1, 2).flatten(2)


def gpt2(config, w, x, first, prefixes):
    """Hidden states of what tokens stand for, from position `first` on."""
    E, H = config['n_embd'], config['n_head']

    def norm(x, name):
        return F.layer_norm(x, (E,), w[f'{name}.weight'], w[f'{name}.bias'])

    def conv1d(x, name):
        return x @ w[f'{name}.weight'] + w[f'{name}.bias']

    x = x + w['wpe.weight'][first:first + x.shape[1]]
    for i in range(config['n_layer']):
        at = f'h.{i}'
        q, k, v = (part.unflatten(2, (H, E // H)).transpose(1, 2) for part in conv1d(norm(x, f'{at}.ln_1'), f'{at}.attn.c_attn').split(E, 2))
        x = x + conv1d(attention(q, k, v, prefixes and prefixes[i]), f'{at}.attn.c_proj')
        h = conv1d(norm(x, f'{at}.ln_2'), f'{at}.mlp.c_fc')
        h = 0.5 * h * (1 + torch.tanh(math.sqrt(2 / math.pi) * (h + 0.044715 * h ** 3)))
        x = x + conv1d(h, f'{at}.mlp.c_proj')
    return norm(x, 'ln_f')


def llama(config, w, x, first, prefixes):
    """The same of Llama."""
    H, K, D = config['num_attention_heads'], config['num_key_value_heads'], config['head_dim']
    angles = torch.arange(first, first + x.shape[1], dtype=torch.float64)[:, None] / 10000 ** (torch.arange(0, D, 2, dtype=torch.float64) / D)

    def norm(x, name):
        return x / (x.pow(2).mean(-1, keepdim=True) + config['rms_norm_eps']).sqrt() * w[f'{name}.weight']

    def rotated(x):
        a, b = x.chunk(2, -1)
        return torch.cat([a * angles.cos() - b * angles.sin(), b * angles.cos() + a * angles.sin()], -1)

    for i in range(config['num_hidden_layers']):
        at = f'model.layers.{i}'
        h = norm(x, f'{at}.input_layernorm')
        q, k, v = ((h @ w[f'{at}.self_attn.{name}_proj.weight'].T).unflatten(2, (n, D)).transpose(1, 2) for name, n in (('q', H), ('k', K), ('v', K)))
        x = x + attention(rotated(q), rotated(k), v, prefixes and prefixes[i]) @ w[f'{at}.self_attn.o_proj.weight'].T
        h = norm(x, f'{at}.post_attention_layernorm')
        h = F.silu(h @ w[f'{at}.mlp.gate_proj.weight'].T) * (h @ w[f'{at}.mlp.up_proj.weight'].T)
        x = x + h @ w[f'{at}.mlp.down_proj.weight'].T
    return norm(x, 'model.norm')


def write(model, kind):
    path = os.path.join(HERE, 'models' if model == 'gpt2' else 'llama', model)
    with open(os.path.join(path, 'config.json')) as file:
        config = json.load(file)
    w = weights_of(path)
    if model == 'gpt2':
        run, table, layers = gpt2, w['wte.weight'], config['n_layer']
        queries = heads = config['n_head']
    else:
        run, table, layers = llama, w['model.embed_tokens.weight'], config['num_hidden_layers']
        queries, heads = config['num_attention_heads'], config['num_key_value_heads']
    E = table.shape[1]
    dim = E if kind == 'PROMPT_TUNING' else E // queries * heads
    width = dim if kind == 'PROMPT_TUNING' else 2 * layers * dim
    stored = (0.3 * torch.randn(TOKENS, width)).float()
    prompts = stored.double().requires_grad_()
    inputs = table[IDS]
    if kind == 'PROMPT_TUNING':
        hidden = run(config, w, torch.cat([prompts.expand(len(IDS), -1, -1), inputs], 1), 0, None)[:, TOKENS:]
        more = {'prompt_tuning_init': 'RANDOM', 'prompt_tuning_init_text': None, 'tokenizer_kwargs': None, 'tokenizer_name_or_path': None}
    else:
        blocks = prompts.view(TOKENS, 2 * layers, heads, dim // heads).permute(1, 2, 0, 3)
        hidden = run(config, w, inputs, TOKENS, [(blocks[2 * i], blocks[2 * i + 1]) for i in range(layers)])
        more = {'encoder_hidden_size': E, 'prefix_projection': False}
    logits = hidden @ w.get('lm_head.weight', table).T
    known = torch.arange(IDS.shape[1] - 1) < LENGTHS[:, None] - 1
    loss = F.cross_entropy(logits[:, :-1][known], IDS[:, 1:][known])
    loss.backward()
    out = os.path.join(HERE, 'prompts', f"{model}-{'prompt' if kind == 'PROMPT_TUNING' else 'prefix'}")
    os.makedirs(out)
    save(os.path.join(out, 'adapter_model.safetensors'), {'prompt_embeddings': stored}, {'format': 'pt'})
    save(os.path.join(out, 'expected.safetensors'), {'logits': logits, 'loss': loss, 'gradient': prompts.grad})
    with open(os.path.join(out, 'adapter_config.json'), 'w') as file:
        json.dump({'auto_mapping': None, 'base_model_name_or_path': f'models/{model}', 'inference_mode': True, 'num_attention_heads': heads if width != dim else queries,
                   'num_layers': layers, 'num_transformer_submodules': 1, 'num_virtual_tokens': TOKENS, 'peft_type': kind, 'peft_version': '0.18.0',
                   'revision': None, 'task_type': 'CAUSAL_LM', 'token_dim': dim, **more}, file, indent=2, sort_keys=True)


shutil.rmtree(os.path.join(HERE, 'prompts'), ignore_errors=True)
torch.manual_seed(20261129)
for model in ('gpt2', 'llama'):
    for kind in ('PROMPT_TUNING', 'PREFIX_TUNING'):
        write(model, kind)
