"""Writes test/reference/lora/: adapters of small models in the layout of PEFT's files, and what PyTorch in float64 makes of each.

Run:  python3 tools/reference_lora.py         (needs PyTorch >= 1.13, e.g. Debian's python3-torch; the tests themselves need no Python)
      npx tsx tools/lora_files.ts && python3 tools/reference_lora.py ours    merges what handgrad wrote, and keeps the logits

The bases are those of test/reference/models/gpt2 and test/reference/llama/llama. Each folder has an adapter (adapter_model.safetensors and
adapter_config.json) and expected.safetensors: in F64 logits, loss and the gradients of A and B beside the base, logits of merged weights.

`merged` knows PEFT's published names and no more of adapters: W + (lora_alpha / r) B A, the product transposed where `fan_in_fan_out` says so
(https://huggingface.co/docs/peft/developer_guides/checkpoint). It is run on what handgrad wrote, too: test/reference/lora/ours and ours-llama have
adapters that tools/lora_files.ts trained and saved, and in expected.safetensors the logits that came of it.
"""
import json
import os
import shutil
import struct
import sys

import torch

from reference_files import save

TOOLS = os.path.dirname(os.path.abspath(__file__))
REFERENCE = os.path.join(TOOLS, '..', 'test', 'reference')
HERE = os.path.join(REFERENCE, 'lora')
IDS = torch.tensor([[3, 17, 39, 0, 8, 8, 21], [30, 2, 5, 11, 0, 0, 0]])
LENGTHS = torch.tensor([7, 4])
BASES = {'gpt2': os.path.join('models', 'gpt2'), 'llama': os.path.join('llama', 'llama')}
DTYPES = {'F64': torch.float64, 'F32': torch.float32, 'F16': torch.float16, 'BF16': torch.bfloat16}


def read(path):
    """The float tensors of a safetensors file, as float64."""
    with open(path, 'rb') as file:
        (size,) = struct.unpack('<Q', file.read(8))
        header, data = json.loads(file.read(size)), file.read()
    tensors = {}
    for name, about in header.items():
        if name != '__metadata__' and about['dtype'] in DTYPES:
            begin, end = about['data_offsets']
            flat = torch.frombuffer(bytearray(data[begin:end]), dtype=DTYPES[about['dtype']])
            tensors[name] = flat.reshape(about['shape']).double()
    return tensors


def forward_of(family):
    """The model as its own program has it, without what that writes."""
    source = open(os.path.join(TOOLS, f'reference_{"models" if family == "gpt2" else "llama"}.py'), encoding='utf-8').read()
    module = {'__file__': os.path.join(TOOLS, 'reference.py'), '__name__': 'models'}
    exec(source[:source.index('\nshutil.rmtree')], module)
    return module['gpt2' if family == 'gpt2' else 'forward']


def base_of(folder):
    """Configuration and weights by the names of the model with a head."""
    config = json.load(open(os.path.join(folder, 'config.json')))
    files = sorted(name for name in os.listdir(folder) if name.startswith('model') and name.endswith('.safetensors'))
    weights = {name: x for file in files for name, x in read(os.path.join(folder, file)).items()}
    if config['model_type'] == 'gpt2':
        weights = {f'transformer.{name.removeprefix("transformer.")}': x for name, x in weights.items() if not name.endswith(('.attn.bias', '.masked_bias'))}
    else:
        config.setdefault('head_dim', config['hidden_size'] // config['num_attention_heads'])
    return config, weights


def merged(weights, folder):
    """Weights with an adapter merged, by PEFT's names alone."""
    config = json.load(open(os.path.join(folder, 'adapter_config.json')))
    assert config['peft_type'] == 'LORA' and config['bias'] == 'none' and not config['use_dora'], config
    r = config['r']
    scale = config['lora_alpha'] / (r ** 0.5 if config['use_rslora'] else r)
    tensors = read(os.path.join(folder, 'adapter_model.safetensors'))
    result, used = dict(weights), set()
    for name in weights:
        a, b = (f'base_model.model.{name.removesuffix(".weight")}.lora_{which}.weight' for which in 'AB')
        if a in tensors:
            product = scale * tensors[b] @ tensors[a]
            result[name] = weights[name] + (product.T if config['fan_in_fan_out'] else product)
            used |= {a, b}
        elif f'base_model.model.{name}' in tensors:
            result[name] = tensors[f'base_model.model.{name}']
            used.add(f'base_model.model.{name}')
    assert used == set(tensors), set(tensors) - used
    return result


def logits_of(base, adapter):
    config, weights = base_of(base)
    return forward_of('gpt2' if config['model_type'] == 'gpt2' else 'llama')(config, merged(weights, adapter), IDS, LENGTHS)[1]


USUAL = {'alpha_pattern': {}, 'auto_mapping': None, 'base_model_name_or_path': None, 'bias': 'none', 'corda_config': None, 'eva_config': None,
         'exclude_modules': None, 'fan_in_fan_out': False, 'inference_mode': True, 'init_lora_weights': True, 'layer_replication': None,
         'layers_pattern': None, 'layers_to_transform': None, 'loftq_config': {}, 'lora_bias': False, 'lora_dropout': 0.05, 'megatron_config': None,
         'megatron_core': 'megatron.core', 'modules_to_save': None, 'peft_type': 'LORA', 'qalora_group_size': 16, 'rank_pattern': {},
         'revision': None, 'target_parameters': None, 'task_type': 'CAUSAL_LM', 'trainable_token_indices': None, 'use_dora': False,
         'use_qalora': False, 'use_rslora': False}


def write(folder, family, config):
    """An adapter of random numbers, B among them, and what it comes to."""
    path = os.path.join(HERE, folder)
    os.makedirs(path)
    said, weights = base_of(os.path.join(REFERENCE, BASES[family]))
    config = {**USUAL, **config}
    r, fan_in = config['r'], config['fan_in_fan_out']
    layers = config['layers_to_transform']
    names = [name.removesuffix('.weight') for name in weights if name.endswith('.weight')]
    chosen = [name for name in names if name.split('.')[-1] in config['target_modules']
              and (layers is None or int(name.split('.')[2]) in layers)]
    pairs = {}
    for name in chosen:
        inputs, outputs = weights[f'{name}.weight'].shape if fan_in else weights[f'{name}.weight'].shape[::-1]
        pairs[f'{name}.lora_A.weight'] = 0.3 * torch.randn(r, inputs)
        pairs[f'{name}.lora_B.weight'] = 0.3 * torch.randn(outputs, r)
    save(os.path.join(path, 'adapter_model.safetensors'), {f'base_model.model.{name}': x for name, x in pairs.items()}, {'format': 'pt'})
    with open(os.path.join(path, 'adapter_config.json'), 'w') as out:
        json.dump(config, out, indent=2, sort_keys=True)
    exact = {name: x.double().requires_grad_() for name, x in pairs.items()}
    scale = config['lora_alpha'] / (r ** 0.5 if config['use_rslora'] else r)
    beside = dict(weights)
    for name in chosen:
        product = scale * exact[f'{name}.lora_B.weight'] @ exact[f'{name}.lora_A.weight']
        beside[f'{name}.weight'] = weights[f'{name}.weight'] + (product.T if fan_in else product)
    _, logits, loss = forward_of(family)(said, beside, IDS, LENGTHS)
    loss.backward()
    after = logits_of(os.path.join(REFERENCE, BASES[family]), path)
    assert (after - logits).abs().max() < 1e-12
    save(os.path.join(path, 'expected.safetensors'),
         {'logits': logits, 'loss': loss, 'merged': after, **{f'gradient of {name}': x.grad for name, x in exact.items()}})


if sys.argv[1:] == ['ours']:
    for folder, family in (('ours', 'gpt2'), ('ours-llama', 'llama')):
        path = os.path.join(HERE, folder)
        save(os.path.join(path, 'expected.safetensors'), {'merged': logits_of(os.path.join(REFERENCE, BASES[family]), path)})
else:
    for folder in ('gpt2', 'gpt2-rslora', 'llama'):
        shutil.rmtree(os.path.join(HERE, folder), ignore_errors=True)
    torch.manual_seed(20261128)
    write('gpt2', 'gpt2', {'r': 4, 'lora_alpha': 8, 'target_modules': ['c_attn', 'c_proj'], 'fan_in_fan_out': True})
    write('gpt2-rslora', 'gpt2', {'r': 2, 'lora_alpha': 3, 'target_modules': ['c_fc'], 'layers_to_transform': [1], 'fan_in_fan_out': True,
                                  'use_rslora': True})
    write('llama', 'llama', {'r': 3, 'lora_alpha': 16, 'target_modules': ['q_proj', 'v_proj', 'down_proj']})
