"""Writes tools/optable/pytorch.json: the names of all public functions of PyTorch that take tensors, by module.

Run:  python3 tools/optable/pytorch.py     (needs PyTorch >= 1.13; the tables and tests need no Python)

The list is PyTorch's own, of functions that a subclass of Tensor can override, with the functions that make tensors, which
it keeps apart. Left out are those without a docstring (parts of others, for one library or another), and names that begin
or end with an underscore: they are private, or change their tensor in place.
"""
import json
import os

import torch
from torch.overrides import get_ignored_functions, get_overridable_functions

MODULES = {
    'torch': torch,
    'torch.nn.functional': torch.nn.functional,
    'torch.Tensor': torch.Tensor,
    'torch.linalg': torch.linalg,
    'torch.special': torch.special,
    'torch.fft': torch.fft,
}


def public(f):
    """Named, documented, and no private or in-place one."""
    name = getattr(f, '__name__', '_')
    return not name.startswith('_') and not name.endswith('_') and bool(getattr(f, '__doc__', None))


def name_of(f, module):
    """torch.linalg.inv calls itself linalg_inv."""
    return f.__name__.removeprefix(module.split('.')[-1] + '_')


names = {module: set() for module in MODULES}
for space, functions in get_overridable_functions().items():
    for module, home in MODULES.items():
        if home is space:
            names[module].update(name_of(f, module) for f in functions if public(f))
# What makes tensors stands among what cannot be overridden.
made = get_ignored_functions()
for name in dir(torch._C._VariableFunctions):
    f = getattr(torch, name, None)
    if f in made and public(f):
        names['torch'].add(name)
path = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'pytorch.json')
with open(path, 'w', encoding='utf-8', newline='\n') as file:
    lines = [f'  {json.dumps(module)}: {json.dumps(sorted(listed))}' for module, listed in sorted(names.items())]
    version = json.dumps(torch.__version__.split('a')[0])
    file.write('{\n' + f'  "version": {version},\n' + ',\n'.join(lines) + '\n}\n')
print({module: len(listed) for module, listed in names.items()})
