"""Writes test/reference/llama/: small random models of Llama's family in the layout of Hugging Face's files, and what PyTorch in float64 makes of each.

Run:  python3 tools/reference_llama.py   (needs PyTorch >= 1.13, e.g. Debian's python3-torch; the tests themselves need no Python)

The models are written out below from their papers (Touvron et al. 2023, Ainslie et al. 2023, Su et al. 2021, and section 3.4.3 of Grattafiori et al. 2024
for `llama3`) under the names of the files, with each step as its paper has it: angles of whole rows, heads of keys repeated. Results are of the weights as
their file holds them. expected.safetensors is as reference_models.py has it, with the radians a token of each pair beside it.
"""
import json
import math
import os
import shutil

import torch
import torch.nn.functional as F

from reference_files import save, save_parts

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'test', 'reference', 'llama')
SMALL = {'vocab_size': 40, 'hidden_size': 16, 'intermediate_size': 24, 'num_hidden_layers': 2, 'num_attention_heads': 4, 'num_key_value_heads': 2,
         'max_position_embeddings': 64, 'rms_norm_eps': 1e-5}
CLASSES = {'llama': 'LlamaForCausalLM', 'qwen2': 'Qwen2ForCausalLM', 'mistral': 'MistralForCausalLM'}
IDS = torch.tensor([[3, 17, 39, 0, 8, 8, 21], [30, 2, 5, 11, 0, 0, 0]])
LENGTHS = torch.tensor([7, 4])


def random(*shape):
    return 0.15 * torch.randn(*shape, dtype=torch.float64)


def weights_of(config):
    E, inner, D = config['hidden_size'], config['intermediate_size'], config['head_dim']
    H, K = config['num_attention_heads'], config['num_key_value_heads']
    bias = config.get('attention_bias', False)
    maps = {'self_attn.q_proj': (H * D, E), 'self_attn.k_proj': (K * D, E), 'self_attn.v_proj': (K * D, E), 'self_attn.o_proj': (E, H * D),
            'mlp.gate_proj': (inner, E), 'mlp.up_proj': (inner, E), 'mlp.down_proj': (E, inner)}
    w = {'model.embed_tokens.weight': random(config['vocab_size'], E)}
    for i in range(config['num_hidden_layers']):
        for name, shape in maps.items():
            w[f'model.layers.{i}.{name}.weight'] = random(*shape)
            qkv = name[-6] in 'qkv' and 'attn' in name
            if (bias and 'attn' in name) or (config['model_type'] == 'qwen2' and qkv) or (config.get('mlp_bias', False) and 'mlp' in name):
                w[f'model.layers.{i}.{name}.bias'] = random(shape[0])
        for name in ('input_layernorm', 'post_attention_layernorm'):
            w[f'model.layers.{i}.{name}.weight'] = 1 + random(E)
    w['model.norm.weight'] = 1 + random(E)
    if not config.get('tie_word_embeddings', False):
        w['lm_head.weight'] = random(config['vocab_size'], E)
    return w


def radians(config):
    """By which each pair is turned from a token to the next."""
    D, scaling = config['head_dim'], config.get('rope_scaling') or {}
    f = 1.0 / (config.get('rope_theta', 10000.0) ** (torch.arange(0, D, 2, dtype=torch.float64) / D))
    kind = scaling.get('rope_type', scaling.get('type'))
    if kind == 'linear':
        return f / scaling['factor']
    if kind == 'llama3':
        low, high, before = (scaling[name] for name in ('low_freq_factor', 'high_freq_factor', 'original_max_position_embeddings'))
        found = []
        for one in f.tolist():
            wavelength = 2 * math.pi / one
            if wavelength < before / high:
                found.append(one)
            elif wavelength > before / low:
                found.append(one / scaling['factor'])
            else:
                smooth = (before / wavelength - low) / (high - low)
                found.append((1 - smooth) * one / scaling['factor'] + smooth * one)
        # All three cases are there.
        assert found[0] == f[0] and found[-1] == f[-1] / scaling['factor'] and f[1] / scaling['factor'] < found[1] < f[1], found
        return torch.tensor(found, dtype=torch.float64)
    return f


def rotated(x, angles):
    """x·cos + rotate_half(x)·sin, [batch, heads, tokens, channels]."""
    both = torch.cat([angles, angles], -1)
    first, second = x.chunk(2, -1)
    return x * both.cos() + torch.cat([-second, first], -1) * both.sin()


def forward(config, w, ids, lengths):
    """Hidden states, logits, and the mean loss of each next token within the lengths."""
    H, K, D = config['num_attention_heads'], config['num_key_value_heads'], config['head_dim']
    B, T = ids.shape
    angles = torch.arange(T, dtype=torch.float64)[:, None] * radians(config)
    sees = torch.ones(T, T, dtype=torch.bool).tril()

    def norm(x, name):
        return x / (x.pow(2).mean(-1, keepdim=True) + config['rms_norm_eps']).sqrt() * w[f'{name}.weight']

    def linear(x, name):
        y = x @ w[f'{name}.weight'].T
        return y + w[f'{name}.bias'] if f'{name}.bias' in w else y

    x = w['model.embed_tokens.weight'][ids]
    for i in range(config['num_hidden_layers']):
        at = f'model.layers.{i}'
        h = norm(x, f'{at}.input_layernorm')
        q, k, v = (linear(h, f'{at}.self_attn.{name}_proj').reshape(B, T, n, D).transpose(1, 2) for name, n in (('q', H), ('k', K), ('v', K)))
        q, k = rotated(q, angles), rotated(k, angles)
        k, v = (part.repeat_interleave(H // K, 1) for part in (k, v))
        p = (q @ k.transpose(2, 3) / math.sqrt(D)).masked_fill(~sees, -math.inf).softmax(3)
        x = x + linear((p @ v).transpose(1, 2).reshape(B, T, H * D), f'{at}.self_attn.o_proj')
        h = norm(x, f'{at}.post_attention_layernorm')
        x = x + linear(F.silu(linear(h, f'{at}.mlp.gate_proj')) * linear(h, f'{at}.mlp.up_proj'), f'{at}.mlp.down_proj')
    hidden = norm(x, 'model.norm')
    logits = hidden @ w.get('lm_head.weight', w['model.embed_tokens.weight']).T
    known = torch.arange(T - 1) < lengths[:, None] - 1
    return hidden, logits, F.cross_entropy(logits[:, :-1][known], ids[:, 1:][known])


def train(config, exact):
    """The losses before each of 50 steps of AdamW."""
    optimizer = torch.optim.AdamW(exact.values(), lr=0.003, weight_decay=0.1)
    losses = []
    for _ in range(50):
        optimizer.zero_grad()
        loss = forward(config, exact, IDS, LENGTHS)[2]
        losses.append(loss.item())
        loss.backward()
        optimizer.step()
    return torch.tensor(losses, dtype=torch.float64)


def write(folder, config, dtype=torch.float32, prefix=True, frequencies=False, shards=1, gradients=False, said=None):
    """A model's folder. frequencies: buffers among the weights, as early files have them; said: config.json says this in place of the config's own."""
    path = os.path.join(HERE, folder)
    os.makedirs(path)
    config = {'head_dim': config['hidden_size'] // config['num_attention_heads'], **config}
    weights = weights_of(config)
    stored = {name: x.to(dtype) for name, x in weights.items()}
    exact = {name: x.double().requires_grad_() for name, x in stored.items()}
    hidden, logits, loss = forward(config, exact, IDS, LENGTHS)
    expected = {'hidden': hidden, 'logits': logits, 'loss': loss, 'radians': radians(config)}
    if gradients:
        loss.backward()
        expected.update({f'gradient of {name}': x.grad.clone() for name, x in exact.items()})
        expected['losses'] = train(config, exact)
    save(os.path.join(path, 'expected.safetensors'), expected)
    if frequencies:
        for i in range(config['num_hidden_layers']):
            stored[f'model.layers.{i}.self_attn.rotary_emb.inv_freq'] = radians(config).float()
    if not prefix:
        stored = {name.removeprefix('model.'): x for name, x in stored.items()}
    save_parts(path, stored, shards)
    with open(os.path.join(path, 'config.json'), 'w') as out:
        json.dump({'architectures': [CLASSES[config['model_type']]], **(said or config)}, out, indent=1)


shutil.rmtree(HERE, ignore_errors=True)
torch.manual_seed(20261128)
LLAMA = {'model_type': 'llama', **SMALL}
write('llama', LLAMA, dtype=torch.bfloat16, shards=3, gradients=True)
# As Llama 3: heads wider than hidden_size says, all biases, each of the three cases of its frequencies.
LLAMA3 = {**LLAMA, 'head_dim': 8, 'attention_bias': True, 'mlp_bias': True, 'rope_theta': 500.0, 'pretraining_tp': 1,
          'rope_scaling': {'rope_type': 'llama3', 'factor': 8.0, 'low_freq_factor': 1.0, 'high_freq_factor': 4.0,
                           'original_max_position_embeddings': 64}}
write('llama3', LLAMA3, frequencies=True, gradients=True)
# As newer versions of transformers write it.
QWEN2 = {**SMALL, 'model_type': 'qwen2', 'tie_word_embeddings': True, 'rope_theta': 100.0}
said = {name: value for name, value in QWEN2.items() if name != 'rope_theta'}
write('qwen2', QWEN2, gradients=True, said={**said, 'use_sliding_window': False, 'sliding_window': 4, 'layer_types': ['full_attention'] * 2,
                                            'rope_parameters': {'rope_type': 'default', 'rope_theta': 100.0}})
# Without a head in its files, and by the older name of a scaling.
write('mistral', {**SMALL, 'model_type': 'mistral', 'sliding_window': None, 'tie_word_embeddings': True, 'rope_scaling': {'type': 'linear', 'factor': 2.0}},
      dtype=torch.float16, prefix=False)
