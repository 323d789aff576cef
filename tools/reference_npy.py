"""Arrays written by NumPy, as test/reference/data/npy.json: python3 tools/reference_npy.py

With a file of test/io/npy.test.ts' making: python3 tools/reference_npy.py FILE.npz|FILE.npy prints what NumPy reads of it, as JSON.
"""
import base64
import io
import json
import os
import sys

import numpy as np


def rows():
    for code in ['f2', 'f4', 'f8', 'i1', 'i2', 'i4', 'i8', 'u1', 'u2', 'u4', 'u8', 'b1']:
        values = [0, 1, 1, 0, 1, 0] if code == 'b1' else [0, 1, 2, 3, 100, 127] if code[0] == 'u' else [-3, -1, 0, 2, 100, 127]
        base = np.array(values, dtype=code).reshape(2, 3)
        if code[0] == 'f':
            base = (base / 8).astype(code)
        for order in '<>':
            if base.itemsize == 1 and order == '>':
                continue
            for layout in 'CF':
                yield f'{order}{code} {layout}', np.array(base, dtype=f'{order}{code}', order=layout)
    yield 'scalar', np.array(2.5)
    yield 'empty', np.zeros((0, 3), dtype=np.float32)
    yield 'four dims, Fortran', np.asfortranarray(np.arange(24, dtype=np.int32).reshape(2, 3, 1, 4))


def plain(x):
    return {'shape': list(x.shape), 'type': x.dtype.str, 'values': x.astype(np.float64).flatten().tolist()}


def encoded(save):
    file = io.BytesIO()
    save(file)
    return base64.b64encode(file.getvalue()).decode()


class Pipe(io.RawIOBase):
    """What cannot be sought in: sizes and checksums follow the members."""

    def __init__(self):
        self.written = io.BytesIO()

    def writable(self):
        return True

    def write(self, data):
        return self.written.write(data)


def piped(file, **arrays):
    pipe = Pipe()
    np.savez_compressed(pipe, **arrays)
    file.write(pipe.written.getvalue())


def archives():
    arrays = {'w': np.arange(6, dtype=np.float32).reshape(2, 3), 'deep.name': np.array([True, False]), 'ü': np.arange(300, dtype=np.int32)}
    for name, save in [('stored', np.savez), ('deflated', np.savez_compressed), ('through a pipe', piped)]:
        yield {'name': name, 'file': encoded(lambda file: save(file, **arrays)), 'arrays': {key: plain(x) for key, x in arrays.items()}}


if len(sys.argv) > 1:
    found = np.load(sys.argv[1])
    arrays = {'': found} if isinstance(found, np.ndarray) else {name: found[name] for name in found.files}
    print(json.dumps({name: plain(x) for name, x in arrays.items()}))
else:
    path = os.path.join(os.path.dirname(__file__), '..', 'test', 'reference', 'data', 'npy.json')
    single = [{'name': name, 'file': encoded(lambda file: np.save(file, x)), **plain(x)} for name, x in rows()]
    bad = [
        {'name': 'objects', 'file': encoded(lambda file: np.save(file, np.array([{}, None], dtype=object)))},
        {'name': 'fields', 'file': encoded(lambda file: np.save(file, np.zeros(2, dtype=[('a', 'f4'), ('b', 'i4')])))},
        {'name': 'text', 'file': encoded(lambda file: np.save(file, np.array(['a', 'bc'])))},
        {'name': 'complex', 'file': encoded(lambda file: np.save(file, np.zeros(2, dtype=np.complex64)))},
    ]
    with open(path, 'w') as file:
        json.dump({'by': f'NumPy {np.__version__}', 'arrays': single, 'archives': list(archives()), 'refused': bad}, file, separators=(',', ':'))
        file.write('\n')
