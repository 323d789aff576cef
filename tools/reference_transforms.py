"""Writes test/reference/data/transforms.json and augment.json: transforms of tables by scikit-learn and
pandas, and augmentations of images by SciPy and NumPy, which draw by a Philox of their own.

Run:  python3 tools/reference_transforms.py      (needs scikit-learn, pandas, SciPy, NumPy; the tests need no Python)
"""
import json
import math
import os

import numpy as np
import pandas
from scipy import ndimage
from sklearn import impute, pipeline, preprocessing

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'test', 'reference', 'data')
rng = np.random.default_rng(20261127)


def plain(x):
    """JSON's values; NaN is 'NaN' (no text of a case is that)."""
    if isinstance(x, (list, tuple)):
        return [plain(v) for v in x]
    if isinstance(x, dict):
        return {k: plain(v) for k, v in x.items()}
    if isinstance(x, np.ndarray):
        return plain(x.tolist())
    if isinstance(x, np.generic):
        return plain(x.item())
    if isinstance(x, float):
        return 'NaN' if math.isnan(x) else int(x) if x == int(x) else x
    return x


def write(name, cases):
    lines = [json.dumps(plain(case), separators=(',', ':')) for case in cases]
    with open(os.path.join(FOLDER, f'{name}.json'), 'w', encoding='utf-8', newline='\n') as file:
        file.write('[\n' + ',\n'.join(lines) + '\n]\n')
    print(f'{len(cases)} cases in {name}.json')


# ---------------------------------------------------------------- transforms of tables
nan = math.nan
tables = []
numbers = np.round(rng.normal(size=(7, 3)) * [1, 10, 0.01] + [0, 100, -0.05], 4)
later = np.round(rng.normal(size=(3, 3)) * [2, 20, 0.02] + [0, 100, -0.05], 4)
SNAKE = {'withMean': 'with_mean', 'withStd': 'with_std', 'featureRange': 'feature_range', 'handleUnknown': 'handle_unknown',
         'fillValue': 'fill_value', 'missingValues': 'missing_values', 'keepEmptyFeatures': 'keep_empty_features'}
WORDS = {'ifBinary': 'if_binary', 'mostFrequent': 'most_frequent'}


def made(name, options):
    own = {SNAKE.get(k, k): WORDS.get(v, v) if isinstance(v, str) else tuple(v) if k == 'featureRange' else v for k, v in options.items()}
    if name == 'OneHotEncoder':
        own['sparse_output'] = False
    return getattr(impute if name == 'SimpleImputer' else preprocessing, name)(**own)


def T(name, options, fit, x=None, learned=(), back=True):
    """fit and x are rows, or labels; learned is [name in handgrad, attribute]."""
    x = fit if x is None else x
    one = made(name, options)
    texts = any(isinstance(v, str) or v is None for row in fit for v in (row if isinstance(row, (list, tuple)) else [row]))
    array = lambda rows: np.array(rows, dtype=object if texts and name == 'SimpleImputer' else None)
    if texts and name == 'OneHotEncoder':
        array = lambda rows: np.array(rows, dtype=object)
    one.fit(array(fit))
    y = one.transform(array(x))
    case = {'transform': name, 'options': options, 'fit': fit, 'x': x, 'y': y}
    if learned:
        case['learned'] = {own: getattr(one, theirs) for own, theirs in learned}
    if back and hasattr(one, 'inverse_transform') and name != 'SimpleImputer':
        case['back'] = one.inverse_transform(y)
    tables.append(case)


moments = [('mean', 'mean_'), ('scale', 'scale_')]
ends = [('dataMin', 'data_min_'), ('dataMax', 'data_max_')]
T('StandardScaler', {}, numbers, later, moments)
T('StandardScaler', {'withMean': False}, numbers, later)
T('StandardScaler', {'withStd': False}, numbers, later)
T('StandardScaler', {'withMean': False, 'withStd': False}, numbers, later)
T('StandardScaler', {}, [[0.1, 1, 1e8 + k] for k in range(10)], [[0.1, 2, 1e8], [0.3, 1, 5]], moments)
T('StandardScaler', {}, [[1e-9, 3 + 1e-12 * k, -1e12 + k % 2] for k in range(8)], None, moments)
T('StandardScaler', {}, [[3, -2]], [[4, -2]], moments)
T('MinMaxScaler', {}, numbers, later, ends)
T('MinMaxScaler', {'featureRange': [-1, 3]}, numbers, later)
T('MinMaxScaler', {'featureRange': [0.25, 0.75], 'clip': True}, numbers, later)
T('MinMaxScaler', {'clip': True}, numbers, later)
T('MinMaxScaler', {}, [[2, 0], [2, 1e-15], [2, 0]], [[2, 0], [3, 1e-15], [-1, 5]], ends)
T('MinMaxScaler', {'featureRange': [-2, -1]}, [[1, 2], [4, 2]], [[1, 3], [7, 2]])
pets = [['cat', 'red', 3], ['dog', 'blue', 1], ['cat', 'red', 2], ['ant', 'red', 1]]
seen = [('categories', 'categories_')]
T('OneHotEncoder', {}, pets, [['dog', 'red', 3], ['ant', 'blue', 1]], seen)
T('OneHotEncoder', {'drop': 'first'}, pets, [['dog', 'red', 3], ['ant', 'blue', 1]])
T('OneHotEncoder', {'drop': 'ifBinary'}, pets, [['dog', 'red', 3], ['ant', 'blue', 1]])
T('OneHotEncoder', {'handleUnknown': 'ignore'}, pets, [['eel', 'red', 3], ['ant', 'lime', 9]])
T('OneHotEncoder', {'handleUnknown': 'ignore', 'drop': 'ifBinary'}, pets, [['eel', 'red', 3], ['ant', 'lime', 9]])
T('OneHotEncoder', {'handleUnknown': 'ignore', 'drop': 'first'}, pets, [['eel', 'red', 3], ['ant', 'lime', 9]])
T('OneHotEncoder', {'categories': [['dog', 'cat', 'ant', 'eel'], ['red', 'blue'], [3, 2, 1]]}, pets, [['dog', 'red', 3]], seen)
T('OneHotEncoder', {}, [[10, -1.5], [9, 2], [100, 2]], [[9, -1.5]], seen)
T('OneHotEncoder', {'drop': 'first'}, [['a', 'x'], ['b', 'x']], [['b', 'x'], ['a', 'x']], back=False)
T('LabelEncoder', {}, ['paris', 'paris', 'tokyo', 'amsterdam', 'Zurich'], ['tokyo', 'tokyo', 'Zurich', 'paris'], [('classes', 'classes_')])
T('LabelEncoder', {}, [10, 2, 2, 33, -1], [33, 2], [('classes', 'classes_')])
T('LabelEncoder', {}, [True, False, True], None, [('classes', 'classes_')])
holes = [[1, nan, 3], [4, 2, nan], [nan, 2, 9], [1, 7, 4], [4, nan, 5]]
fills = [('statistics', 'statistics_')]
for strategy in ('mean', 'median', 'mostFrequent'):
    T('SimpleImputer', {'strategy': strategy}, holes, [[nan, nan, nan], [1, nan, 2]], fills)
T('SimpleImputer', {'strategy': 'constant'}, holes, None, fills)
T('SimpleImputer', {'strategy': 'constant', 'fillValue': -7}, holes, None, fills)
T('SimpleImputer', {'strategy': 'median', 'missingValues': -1}, [[1, -1], [-1, 4], [3, 5], [2, -1]], [[-1, -1]], fills)
T('SimpleImputer', {'strategy': 'mean', 'keepEmptyFeatures': True}, [[1, nan], [2, nan]], [[nan, nan]], fills)
T('SimpleImputer', {'strategy': 'mostFrequent', 'missingValues': ''}, [['b', 'x'], ['a', ''], ['', 'x'], ['b', 'y'], ['a', '']], [['', ''], ['c', 'z']], fills)
T('SimpleImputer', {'strategy': 'constant', 'fillValue': '?', 'missingValues': ''}, [['b', ''], ['', 'y']], [['', '']], fills)
for strategy, scaler in (('median', 'StandardScaler'), ('mean', 'MinMaxScaler'), ('mostFrequent', 'StandardScaler')):
    both = pipeline.make_pipeline(made('SimpleImputer', {'strategy': strategy}), made(scaler, {}))
    y = both.fit(np.array(holes)).transform(np.array(holes))
    steps = [['SimpleImputer', {'strategy': strategy}], [scaler, {}]]
    tables.append({'transform': 'Pipeline', 'options': steps, 'fit': holes, 'x': holes, 'y': y})


def duplicates(rows, keep, columns):
    return pandas.DataFrame(rows, dtype=object).drop_duplicates(columns, keep=keep).values


rows = [[1, 2], [3, 4], [1, 2], [1, 5], [3, 4], [12, 0], [1, 20]]
words = [['a', 'b,c'], ['a,b', 'c'], ['a', 'b,c'], ['a', '1'], ['a', 'b']]
for keep in ('first', 'last', False):
    for table in (rows, words):
        for columns in (None, [0]):
            tables.append({'transform': 'DropDuplicates', 'options': {'keep': keep, 'columns': columns}, 'fit': table, 'x': table, 'y': duplicates(table, keep, columns)})

write('transforms', tables)

# ---------------------------------------------------------------- random numbers (Salmon et al. 2011)
MASK = 0xFFFFFFFF


def philox(counter, key):
    c, k = list(counter), list(key)
    for _ in range(10):
        high, low = c[0] * 0xD2511F53, c[2] * 0xCD9E8D57
        c = [(low >> 32) ^ c[1] ^ k[0], low & MASK, (high >> 32) ^ c[3] ^ k[1], high & MASK]
        k = [(k[0] + 0x9E3779B9) & MASK, (k[1] + 0xBB67AE85) & MASK]
    return c


class Random:
    """The numbers of one sample at one place."""

    def __init__(self, key, index, place):
        words = philox([index, key['epoch'], place, 0x6175676D], [key['seed'] & MASK, key['seed'] >> 32])
        self.key, self.stream, self.at = [words[1], words[0] & 0x1FFFFF], words[2], 0

    def word(self):
        block, k = divmod(self.at, 4)
        self.at += 1
        return philox([block & MASK, 0, self.stream, block >> 32], self.key)[k]

    def uniform(self):
        high = self.word() >> 5
        return (high * 2**26 + (self.word() >> 6)) * 2**-53

    def between(self, low, high):
        return low + (high - low) * self.uniform()

    def normal(self):
        radius = math.sqrt(-2 * math.log(1 - self.uniform()))
        return radius * math.cos(2 * math.pi * self.uniform())

    def int(self, n):
        limit = 2**32 - 2**32 % n
        while True:
            word = self.word()
            if word < limit:
                return word % n

    def beta(self, alpha):
        spread = (self.uniform() ** (-1 / alpha) - 1) * math.cos(2 * math.pi * self.uniform()) ** 2
        half = 0.5 / math.sqrt(1 + 1 / spread)
        return 0.5 + half if self.uniform() < 0.5 else 0.5 - half


def pair(value):
    return (-value, value) if not isinstance(value, (list, tuple)) else value


# ---------------------------------------------------------------- augmentations of images
MODES = {'zeros': 'grid-constant', 'border': 'nearest', 'reflection': 'reflect'}


def affine(x, r, o):
    _, height, width = x.shape
    angle = math.radians(r.between(*pair(o.get('degrees', 0))))
    shift = pair(o.get('translate', 0))
    tx, ty = r.between(*shift) * width, r.between(*shift) * height
    scale = r.between(*o.get('scale', (1, 1)))
    shear = math.radians(r.between(*pair(o.get('shear', 0))))
    turn = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    back = np.linalg.inv(turn @ np.array([[1, -math.tan(shear)], [0, 1]]) * scale)  # of (x, y), y downwards
    middle = np.array([(width - 1) / 2, (height - 1) / 2])
    offset = middle - back @ (middle + [tx, ty])
    order = 0 if o.get('mode') == 'nearest' else 1
    mode = MODES[o.get('paddingMode', 'zeros')]
    y = np.stack([ndimage.affine_transform(one, back[::-1, ::-1], offset[::-1], order=order, mode=mode) for one in x])
    if list(o) == ['degrees']:
        turned = ndimage.rotate(x, -math.degrees(angle), axes=(2, 1), reshape=False, order=1, mode=mode)
        assert np.abs(turned - y).max() < 1e-9
    return y


def elastic(x, r, o):
    _, height, width = x.shape
    fields = [np.array([2 * r.uniform() - 1 for _ in range(height * width)]).reshape(height, width) for _ in range(2)]
    dx, dy = (o['alpha'] * ndimage.gaussian_filter(f, o['sigma'], mode='constant', truncate=4) for f in fields)
    rows, columns = np.mgrid[:height, :width]
    mode = MODES[o.get('paddingMode', 'zeros')]
    return np.stack([ndimage.map_coordinates(one, [rows + dy, columns + dx], order=1, mode=mode) for one in x])


def crop(x, r, o):
    p, size = o.get('padding', 0), o['size']
    wide = np.pad(x, [(0, 0), (p, p), (p, p)], mode=o.get('paddingMode', 'constant'))
    top, left = r.int(wide.shape[1] - size + 1), r.int(wide.shape[2] - size + 1)
    return wide[:, top:top + size, left:left + size]


def cutout(x, r, o):
    y, size = x.copy(), o['size']
    for _ in range(o.get('count', 1)):
        top, left = r.int(x.shape[1]) - size // 2, r.int(x.shape[2]) - size // 2
        y[:, max(top, 0):max(top + size, 0), max(left, 0):max(left + size, 0)] = o.get('value', 0)
    return y


def erasing(x, r, o):
    y, (_, height, width) = x.copy(), x.shape
    if r.uniform() >= o['p']:
        return y
    low, high = o.get('ratio', (0.3, 3.3))
    for _ in range(10):
        area = height * width * r.between(*o.get('scale', (0.02, 0.33)))
        ratio = math.exp(r.between(math.log(low), math.log(high)))
        h, w = math.floor(math.sqrt(area * ratio) + 0.5), math.floor(math.sqrt(area / ratio) + 0.5)
        if h < height and w < width:
            top, left = r.int(height - h + 1), r.int(width - w + 1)
            y[:, top:top + h, left:left + w] = o.get('value', 0)
            return y
    return y


def factor(r, o):
    f = o.get('factor', 0.2)
    return r.between(*(f if isinstance(f, list) else (max(0, 1 - f), 1 + f)))


def clipped(x, o):
    return np.clip(x, *o['clip']) if o.get('clip') else x


def contrast(x, r, o):
    f = factor(r, o)
    grey = 0.2989 * x[0] + 0.587 * x[1] + 0.114 * x[2] if len(x) == 3 else x.mean(0)
    return clipped(f * x + (1 - f) * grey.mean(), o)


single = {
    'RandomAffine': affine,
    'ElasticTransform': elastic,
    'RandomHorizontalFlip': lambda x, r, o: x[:, :, ::-1] if r.uniform() < o['p'] else x,
    'RandomVerticalFlip': lambda x, r, o: x[:, ::-1] if r.uniform() < o['p'] else x,
    'RandomCrop': crop,
    'Cutout': cutout,
    'RandomErasing': erasing,
    'RandomBrightness': lambda x, r, o: clipped(x * factor(r, o), o),
    'RandomContrast': contrast,
    'GaussianNoise': lambda x, r, o: clipped(x + np.array([o['std'] * r.normal() for _ in range(x.size)]).reshape(x.shape), o),
}


def mixed(name, options, x, key, targets):
    n = len(x)
    draws = [Random(key, i, 0).uniform() for i in key['indices']]
    order = sorted(range(n), key=lambda i: draws[i])
    partner = {i: order[(k + 1) % n] for k, i in enumerate(order)}
    y, t = np.empty_like(x), np.empty_like(targets)
    height, width = x.shape[2:]
    for i in range(n):
        r = Random(key, key['indices'][i], 1)
        share, other = r.beta(options.get('alpha', 1)), x[partner[i]]
        if name == 'MixUp':
            y[i] = share * x[i] + (1 - share) * other
        else:
            half = math.sqrt(1 - share) / 2
            row, column, h, w = r.int(height), r.int(width), int(half * height), int(half * width)
            top, bottom, left, right = max(0, row - h), min(height, row + h), max(0, column - w), min(width, column + w)
            y[i] = x[i]
            y[i, :, top:bottom, left:right] = other[:, top:bottom, left:right]
            share = 1 - (bottom - top) * (right - left) / (height * width)
        t[i] = share * targets[i] + (1 - share) * targets[partner[i]]
    return y, t


images = []
KEY = {'seed': 2**40 + 7, 'epoch': 3, 'indices': [5, 0, 70000]}


def A(name, options=None, shape=(3, 1, 6, 7), key=KEY):
    options = options or {}
    x = np.round(rng.normal(size=shape) * 64) / 64
    case = {'augmentation': name, 'options': options, 'key': key, 'shape': shape, 'x': x.ravel()}
    if name in ('MixUp', 'CutMix'):
        labels = rng.integers(0, 4, shape[0])
        y, case['probabilities'] = mixed(name, options, x, key, np.eye(4)[labels])
        case['labels'] = labels
    elif name == 'Compose':
        y = x
        for place, (step, own) in enumerate(options):
            y = np.stack([single[step](one, Random(key, i, place + 1), own) for one, i in zip(y, key['indices'])])
    elif name == 'RandomApply':
        [step, own], p = options
        changed = np.stack([single[step](one, Random(key, i, 1), own) for one, i in zip(x, key['indices'])])
        y = np.stack([b if Random(key, i, 0).uniform() < p else a for a, b, i in zip(x, changed, key['indices'])])
    else:
        y = np.stack([single[name](one, Random(key, i, 0), options) for one, i in zip(x, key['indices'])])
    images.append({**case, 'y': [float(f'{v:.13g}') for v in y.ravel()], 'out': y.shape})


A('RandomAffine', {'degrees': 40})
A('RandomAffine', {'degrees': [90, 90]}, (3, 1, 5, 5))
A('RandomAffine', {'translate': 0.3}, (3, 2, 6, 4))
A('RandomAffine', {'translate': [0.1, 0.4], 'scale': [0.5, 2]})
A('RandomAffine', {'shear': 30})
A('RandomAffine', {'degrees': 60, 'translate': 0.2, 'scale': [0.7, 1.3], 'shear': [-20, 10], 'paddingMode': 'border'}, (3, 2, 4, 7))
A('RandomAffine', {'degrees': 60, 'translate': 0.2, 'scale': [0.7, 1.3], 'shear': [-20, 10], 'paddingMode': 'reflection'})
A('RandomAffine', {'degrees': 180, 'mode': 'nearest'})
A('ElasticTransform', {'alpha': 3, 'sigma': 1})
A('ElasticTransform', {'alpha': 34, 'sigma': 4, 'paddingMode': 'border'}, (3, 2, 9, 5))
A('ElasticTransform', {'alpha': 5, 'sigma': 1.3, 'paddingMode': 'reflection'})
A('RandomHorizontalFlip', {'p': 0.5}, (6, 1, 2, 3), {**KEY, 'indices': [0, 1, 2, 3, 4, 5]})
A('RandomVerticalFlip', {'p': 0.7}, (6, 1, 3, 2), {**KEY, 'indices': [0, 1, 2, 3, 4, 5]})
A('RandomCrop', {'size': 4}, (3, 2, 6, 5))
A('RandomCrop', {'size': 5, 'padding': 2}, (3, 1, 5, 5))
A('RandomCrop', {'size': 4, 'padding': 1, 'paddingMode': 'reflect'}, (3, 1, 4, 5))
A('Cutout', {'size': 3})
A('Cutout', {'size': 4, 'count': 2, 'value': 0.5})
A('RandomErasing', {'p': 0.8}, (6, 2, 8, 8), {**KEY, 'indices': [10, 11, 12, 13, 14, 15]})
A('RandomErasing', {'p': 1, 'scale': [0.5, 0.9], 'ratio': [0.1, 10], 'value': -1})
A('RandomBrightness')
A('RandomBrightness', {'factor': [0, 3], 'clip': [-0.5, 0.5]})
A('RandomContrast', {'factor': 0.5}, (3, 3, 5, 3))
A('RandomContrast', {'factor': [1.5, 2], 'clip': [-1, 1]}, (3, 1, 6, 7))
A('RandomContrast', {'factor': 1}, (3, 2, 2, 2))
A('GaussianNoise', {'std': 0.5}, (3, 1, 3, 3))
A('GaussianNoise', {'std': 2, 'clip': [-1, 1]}, (3, 2, 2, 2))
A('MixUp', {'alpha': 0.2}, (5, 1, 2, 3), {**KEY, 'indices': [3, 1, 4, 15, 9]})
A('MixUp', {}, (3, 2, 2, 2))
A('CutMix', {}, (5, 1, 6, 5), {**KEY, 'indices': [3, 1, 4, 15, 9]})
A('CutMix', {'alpha': 3}, (2, 2, 5, 5), {**KEY, 'indices': [8, 7]})
A('Compose', [['RandomHorizontalFlip', {'p': 0.5}], ['RandomAffine', {'degrees': 20}], ['RandomHorizontalFlip', {'p': 0.5}], ['Cutout', {'size': 2}]])
A('RandomApply', [['RandomAffine', {'degrees': 20}], 0.5], (6, 1, 3, 3), {**KEY, 'indices': [10, 11, 12, 13, 14, 15]})
write('augment', images)
