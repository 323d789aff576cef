"""Writes test/reference/models/: small random models in the layout of Hugging Face's files, and what PyTorch in float64 makes of each.

Run:  python3 tools/reference_models.py   (needs PyTorch >= 1.13, e.g. Debian's python3-torch; the tests themselves need no Python)

GPT-2 is written out below from its published code (github.com/openai/gpt-2, src/model.py) under the names of the files. Results are of the
weights as their file holds them: those in F16 and BF16 are rounded first. expected.safetensors has, in F64, hidden states, logits and loss for
two texts, of which the second is shorter, and where `gradients` is set those of all parameters and the losses of 50 steps of AdamW. Weights deviate by 0.15, so that no softmax is flat.

gpt2-classifier has scores of labels in place of a head; expected.safetensors has of it, in F64, logits and loss at three paddings, with the ids,
and gradients of all parameters.

greedy.json has for some of them what the likeliest token, again and again, makes of a prompt, and by how much of a logit the closest of these
decisions was made. Where a text is longer than the model has positions, its last half is read anew, and what was before is forgotten.
"""
import json
import math
import os
import shutil

import torch
import torch.nn.functional as F

from reference_files import save, save_parts

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'test', 'reference', 'models')
SMALL = {'vocab_size': 40, 'n_positions': 12, 'n_embd': 16, 'n_layer': 2, 'n_head': 2}
IDS = [[3, 17, 39, 0, 8, 8, 21], [30, 2, 5, 11, 0, 0, 0]]
LENGTHS = [7, 4]


def gpt2_weights(config):
    """Random parameters by the names of the model with a head."""
    V, P, E, L = (config[name] for name in ('vocab_size', 'n_positions', 'n_embd', 'n_layer'))
    inner = config.get('n_inner') or 4 * E
    shapes = {'wte.weight': (V, E), 'wpe.weight': (P, E)}
    for i in range(L):
        for name, shape in {'ln_1.weight': (E,), 'ln_1.bias': (E,), 'attn.c_attn.weight': (E, 3 * E), 'attn.c_attn.bias': (3 * E,),
                            'attn.c_proj.weight': (E, E), 'attn.c_proj.bias': (E,), 'ln_2.weight': (E,), 'ln_2.bias': (E,),
                            'mlp.c_fc.weight': (E, inner), 'mlp.c_fc.bias': (inner,), 'mlp.c_proj.weight': (inner, E),
                            'mlp.c_proj.bias': (E,)}.items():
            shapes[f'h.{i}.{name}'] = shape
    shapes.update({'ln_f.weight': (E,), 'ln_f.bias': (E,)})
    weights = {f'transformer.{name}': 0.15 * torch.randn(shape, dtype=torch.float64) for name, shape in shapes.items()}
    for name, x in weights.items():
        if '.ln_' in name and name.endswith('weight'):
            x += 1
    return weights


def activation(name, x):
    if name == 'gelu_new':
        return 0.5 * x * (1 + torch.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x ** 3)))
    return {'gelu': F.gelu, 'relu': F.relu, 'silu': F.silu}[name](x)


def gpt2(config, w, ids, lengths):
    """Hidden states, logits, and the mean loss of each next token within the lengths."""
    E, H = config['n_embd'], config['n_head']
    B, T = ids.shape

    def norm(x, name):
        return F.layer_norm(x, (E,), w[f'{name}.weight'], w[f'{name}.bias'], config.get('layer_norm_epsilon', 1e-5))

    def conv1d(x, name):
        return x @ w[f'{name}.weight'] + w[f'{name}.bias']

    x = w['transformer.wte.weight'][ids] + w['transformer.wpe.weight'][:T]
    sees = torch.ones(T, T, dtype=torch.bool).tril()
    for i in range(config['n_layer']):
        at = f'transformer.h.{i}'
        q, k, v = (part.reshape(B, T, H, E // H).transpose(1, 2) for part in conv1d(norm(x, f'{at}.ln_1'), f'{at}.attn.c_attn').split(E, 2))
        scores = q @ k.transpose(2, 3)
        if config.get('scale_attn_weights', True):
            scores = scores / math.sqrt(E // H)
        if config.get('scale_attn_by_inverse_layer_idx', False):
            scores = scores / (i + 1)
        p = scores.masked_fill(~sees, -math.inf).softmax(3)
        x = x + conv1d((p @ v).transpose(1, 2).reshape(B, T, E), f'{at}.attn.c_proj')
        middle = activation(config.get('activation_function', 'gelu_new'), conv1d(norm(x, f'{at}.ln_2'), f'{at}.mlp.c_fc'))
        x = x + conv1d(middle, f'{at}.mlp.c_proj')
    hidden = norm(x, 'transformer.ln_f')
    logits = hidden @ w.get('lm_head.weight', w['transformer.wte.weight']).T
    known = torch.arange(T - 1) < lengths[:, None] - 1
    return hidden, logits, F.cross_entropy(logits[:, :-1][known], ids[:, 1:][known])


def train(config, exact):
    """The losses before each of 50 steps of AdamW."""
    optimizer = torch.optim.AdamW(exact.values(), lr=0.003, weight_decay=0.1)
    losses = []
    for _ in range(50):
        optimizer.zero_grad()
        loss = gpt2(config, exact, torch.tensor(IDS), torch.tensor(LENGTHS))[2]
        losses.append(loss.item())
        loss.backward()
        optimizer.step()
    return torch.tensor(losses, dtype=torch.float64)


def write(folder, config, dtype=torch.float32, prefix=True, masks=False, head=None, shards=1, gradients=False, prompts=()):
    """A model's folder. head: None, 'equal' (as the table of tokens) or 'own'."""
    path = os.path.join(HERE, folder)
    os.makedirs(path)
    weights = gpt2_weights(config)
    if head == 'own':
        weights['lm_head.weight'] = 0.15 * torch.randn(config['vocab_size'], config['n_embd'], dtype=torch.float64)
    stored = {name: x.to(dtype) for name, x in weights.items()}
    exact = {name: x.double().requires_grad_() for name, x in stored.items()}
    hidden, logits, loss = gpt2(config, exact, torch.tensor(IDS), torch.tensor(LENGTHS))
    expected = {'hidden': hidden, 'logits': logits, 'loss': loss}
    if gradients:
        loss.backward()
        expected.update({f'gradient of {name}': x.grad.clone() for name, x in exact.items()})
        expected['losses'] = train(config, exact)
    save(os.path.join(path, 'expected.safetensors'), expected)
    for prompt in prompts:
        greedy(folder, config, exact, prompt)
    if head == 'equal':
        stored['lm_head.weight'] = stored['transformer.wte.weight']
    if masks:
        P = config['n_positions']
        for i in range(config['n_layer']):
            stored[f'transformer.h.{i}.attn.bias'] = torch.ones(1, 1, P, P).tril()
            stored[f'transformer.h.{i}.attn.masked_bias'] = torch.tensor(-1e4)
    if not prefix:
        stored = {name[len('transformer.'):] if name.startswith('transformer.') else name: x for name, x in stored.items()}
    save_parts(path, stored, shards)
    with open(os.path.join(path, 'config.json'), 'w') as out:
        json.dump({'architectures': ['GPT2LMHeadModel'], 'model_type': 'gpt2', **config}, out, indent=1)


PADDINGS = (0, 3, 5)
TARGETS = [2, 0]


def classifier(config, w, ids, lengths):
    """Scores of labels from the last token within the lengths, and the mean loss of the targets."""
    hidden = gpt2(config, w, ids, lengths)[0]
    logits = hidden[torch.arange(len(ids)), lengths - 1] @ w['score.weight'].T
    return logits, F.cross_entropy(logits, torch.tensor(TARGETS))


def write_classifier(folder, config, labels):
    """A classifier's folder. Both texts stand in rows with 0, 3 and 5 tokens more behind the longer one, none of which is the same."""
    path = os.path.join(HERE, folder)
    os.makedirs(path)
    weights = gpt2_weights(config)
    weights['score.weight'] = 0.5 * torch.randn(len(labels), config['n_embd'], dtype=torch.float64)
    stored = {name: x.float() for name, x in weights.items()}
    exact = {name: x.double().requires_grad_() for name, x in stored.items()}
    expected = {}
    for padding in PADDINGS:
        behind = [[(7 * (t + b) + padding) % config['vocab_size'] for t in range(len(IDS[b]) + padding)] for b in range(2)]
        ids = torch.tensor([IDS[b][:LENGTHS[b]] + behind[b][LENGTHS[b]:] for b in range(2)])
        for x in exact.values():
            x.grad = None
        logits, loss = classifier(config, exact, ids, torch.tensor(LENGTHS))
        loss.backward()
        expected.update({f'ids {padding}': ids, f'logits {padding}': logits, f'loss {padding}': loss})
    # Behind a text there may be anything: gradients are the same at each padding.
    expected.update({f'gradient of {name}': x.grad.clone() for name, x in exact.items()})
    save(os.path.join(path, 'expected.safetensors'), expected)
    save_parts(path, stored, 1)
    with open(os.path.join(path, 'config.json'), 'w') as out:
        json.dump({'architectures': ['GPT2ForSequenceClassification'], 'model_type': 'gpt2', **config,
                   'id2label': dict(enumerate(labels)), 'label2id': {label: i for i, label in enumerate(labels)}}, out, indent=1)


GREEDY = {}


def greedy(folder, config, exact, prompt, count=40):
    """The likeliest `count` tokens after a prompt."""
    P = config['n_positions']
    tokens, first, gap = list(prompt), 0, math.inf
    for _ in range(count):
        if len(tokens) - first > P:
            first = len(tokens) - P // 2
        text = torch.tensor([tokens[first:]])
        with torch.no_grad():
            logits = gpt2(config, exact, text, torch.tensor([len(tokens) - first]))[1][0, -1]
        best = logits.topk(2).values
        gap = min(gap, (best[0] - best[1]).item())
        tokens.append(int(logits.argmax()))
    # Far above what float32 rounds.
    assert gap > 1e-3, (folder, gap)
    assert len(set(tokens)) >= 8, (folder, tokens)
    GREEDY.setdefault(folder, []).append({'prompt': list(prompt), 'ids': tokens[len(prompt):], 'gap': round(gap, 6)})


shutil.rmtree(HERE, ignore_errors=True)
torch.manual_seed(20261128)
# As openai-community/gpt2: no prefix, masks among the weights, no head.
write('gpt2', {**SMALL, 'n_ctx': 12, 'resid_pdrop': 0.1}, prefix=False, masks=True, gradients=True)
write('gpt2-f16-head', SMALL, dtype=torch.float16, head='equal')
# A vocabulary that is filled up: ids from 37 on stand for nothing.
write('gpt2-bf16-shards', SMALL, dtype=torch.bfloat16, shards=3)
write('gpt2-untied', {**SMALL, 'n_inner': 24, 'activation_function': 'gelu', 'scale_attn_weights': False,
                      'scale_attn_by_inverse_layer_idx': True, 'layer_norm_epsilon': 1e-3, 'tie_word_embeddings': False},
      head='own', gradients=True)
# The configuration says nothing of its head, so that it counts as tied.
write('gpt2-head-of-its-own', SMALL, head='own', prompts=[IDS[0], [19]])
# Positions for 40 tokens after a prompt.
torch.manual_seed(39)
write('gpt2-long', {**SMALL, 'n_positions': 64, 'tie_word_embeddings': False}, head='own',
      prompts=[IDS[0], IDS[1][:4], [11]])
torch.manual_seed(35909)
write_classifier('gpt2-classifier', SMALL, ['bad', 'fair', 'good'])
with open(os.path.join(HERE, 'greedy.json'), 'w') as out:
    json.dump(GREEDY, out, indent=1)
