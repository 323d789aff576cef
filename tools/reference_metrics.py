"""Writes test/reference/data/metrics.json: cases by scikit-learn 1.2, for test/metrics. Run by a Python that has it.

A case is { f, args, options, y }: the function here, its arguments, its options, what scikit-learn gives. NaN and
infinity are texts.
"""
import json
import math
import os
import warnings

import numpy as np
from sklearn import metrics as sk
from sklearn.preprocessing import label_binarize

warnings.simplefilter('ignore')
rng = np.random.default_rng(5)
cases = []


def plain(x):
    if isinstance(x, dict):
        return {k: plain(v) for k, v in x.items()}
    if isinstance(x, (list, tuple)):
        return [plain(v) for v in x]
    if isinstance(x, np.ndarray):
        return plain(x.tolist())
    if isinstance(x, (float, np.floating)):
        return str(float(x)).replace('nan', 'NaN').replace('inf', 'Infinity') if not math.isfinite(x) else float(x)
    return x.item() if isinstance(x, np.generic) else x


def C(f, args, y, note='', **options):
    case = {'f': f, 'args': plain(args), 'options': options and plain(options), 'y': plain(y), 'note': note}
    cases.append({k: v for k, v in case.items() if v not in ('', {})})


def snake(options):
    names = {'sampleWeight': 'sample_weight', 'zeroDivision': 'zero_division', 'posLabel': 'pos_label',
             'multiClass': 'multi_class', 'targetNames': 'target_names', 'dropIntermediate': 'drop_intermediate'}
    return {names.get(k, k): v for k, v in options.items()}


two_t, two_p = [0, 1, 0, 0, 1, 0, 1, 1], [0, 1, 1, 0, 1, 0, 0, 1]
t3, p3 = [0, 1, 2, 0, 1, 2, 2, 1], [0, 2, 1, 0, 0, 1, 2, 1]
w3 = [0.5, 1, 2, 0.25, 3, 1, 0, 1.5]
gap_t, gap_p = [0, 3, 3, 7, 0], [0, 3, 7, 7, 0]
lack_t, lack_p = [0, 1, 2, 2, 1], [0, 1, 1, 1, 0]
multi_t = [[1, 0, 1], [0, 1, 0], [1, 1, 0], [0, 0, 0], [1, 0, 0]]
multi_p = [[1, 0, 0], [0, 1, 1], [1, 0, 0], [0, 0, 0], [0, 0, 0]]
multi_w = [1, 2, 0.5, 1, 3]
big_t = rng.integers(0, 5, 200)
big_p = np.where(rng.random(200) < 0.6, big_t, rng.integers(0, 5, 200))

prf = {'precision': sk.precision_score, 'recall': sk.recall_score, 'f1Score': sk.f1_score}
for f, of in prf.items():
    C(f, [two_t, two_p], of(two_t, two_p), 'two classes')
    C(f, [two_t, two_p], of(two_t, two_p, pos_label=0), posLabel=0)
    C(f, [[0, 0, 0], [0, 0, 0]], of([0, 0, 0], [0, 0, 0], zero_division=1), 'one class, zero division', zeroDivision=1)
    C(f, [[1, 1, 0], [0, 0, 0]], of([1, 1, 0], [0, 0, 0], zero_division=0), 'nothing predicted')
    for average in ('micro', 'macro', 'weighted', None):
        C(f, [t3, p3], of(t3, p3, average=average), average=average)
    C(f, [t3, p3], of(t3, p3, average='macro', sample_weight=w3), 'weights', average='macro', sampleWeight=w3)
    C(f, [t3, p3], of(t3, p3, average='micro', labels=[0, 2]), 'a label left out', average='micro', labels=[0, 2])
    C(f, [t3, p3], of(t3, p3, average=None, labels=[2, 5, 0]), 'a label that does not occur', average=None, labels=[2, 5, 0])
    for zero in (0, 1):
        C(f, [lack_t, lack_p], of(lack_t, lack_p, average=None, zero_division=zero), 'a class never predicted', average=None, zeroDivision=zero)
        C(f, [lack_t, lack_p], of(lack_t, lack_p, average='macro', labels=range(4), zero_division=zero), 'a missing class', average='macro', classes=4, zeroDivision=zero)
    C(f, [gap_t, gap_p], of(gap_t, gap_p, average='weighted'), 'labels with gaps', average='weighted')
    for average in ('samples', 'micro', 'macro', 'weighted', None):
        for zero in (0, 1):
            C(f, [multi_t, multi_p], of(multi_t, multi_p, average=average, zero_division=zero), 'several labels', average=average, zeroDivision=zero)
    C(f, [multi_t, multi_p], of(multi_t, multi_p, average='samples', sample_weight=multi_w), 'several labels, weights', average='samples', sampleWeight=multi_w)
    C(f, [big_t, big_p], of(big_t, big_p, average='macro'), average='macro')
for beta in (0, 0.5, 2):
    C('fBeta', [t3, p3, beta], sk.fbeta_score(t3, p3, beta=beta, average='macro'), average='macro')
    C('fBeta', [lack_t, lack_p, beta], sk.fbeta_score(lack_t, lack_p, beta=beta, average=None), 'a class never predicted', average=None)

C('accuracy', [two_t, two_p], sk.accuracy_score(two_t, two_p))
C('accuracy', [t3, p3], sk.accuracy_score(t3, p3, sample_weight=w3), 'weights', sampleWeight=w3)
C('accuracy', [multi_t, multi_p], sk.accuracy_score(multi_t, multi_p), 'several labels')
C('accuracy', [[-1, 1, 1], [1, 1, -1]], sk.accuracy_score([-1, 1, 1], [1, 1, -1]), 'labels below 0')
scores = rng.random((8, 3))
for k in (1, 2, 3):
    C('accuracy', [t3, scores], sk.top_k_accuracy_score(t3, scores, k=k), topK=k)
C('accuracy', [t3, scores], sk.top_k_accuracy_score(t3, scores, k=2, sample_weight=w3), topK=2, sampleWeight=w3)

for normalize in (None, 'true', 'pred', 'all'):
    C('confusionMatrix', [lack_t, lack_p], sk.confusion_matrix(lack_t, lack_p, normalize=normalize), normalize=normalize)
C('confusionMatrix', [t3, p3], sk.confusion_matrix(t3, p3, sample_weight=w3), 'weights', sampleWeight=w3)
C('confusionMatrix', [t3, p3], sk.confusion_matrix(t3, p3, labels=[2, 0]), 'two labels of three', labels=[2, 0])
C('confusionMatrix', [lack_t, lack_p], sk.confusion_matrix(lack_t, lack_p, labels=range(5), normalize='true'), 'missing classes', classes=5, normalize='true')
C('confusionMatrix', [[1, 1], [1, 1]], sk.confusion_matrix([1, 1], [1, 1]), 'one class')

C('balancedAccuracy', [t3, p3], sk.balanced_accuracy_score(t3, p3))
C('balancedAccuracy', [t3, p3], sk.balanced_accuracy_score(t3, p3, adjusted=True), adjusted=True)
C('balancedAccuracy', [t3, p3], sk.balanced_accuracy_score(t3, p3, sample_weight=w3), 'weights', sampleWeight=w3)
C('balancedAccuracy', [[0, 0, 1], [0, 2, 1]], sk.balanced_accuracy_score([0, 0, 1], [0, 2, 1]), 'a class that is only predicted')
C('matthewsCorrcoef', [two_t, two_p], sk.matthews_corrcoef(two_t, two_p))
C('matthewsCorrcoef', [t3, p3], sk.matthews_corrcoef(t3, p3, sample_weight=w3), 'weights', sampleWeight=w3)
C('matthewsCorrcoef', [[1, 1, 1], [1, 1, 1]], sk.matthews_corrcoef([1, 1, 1], [1, 1, 1]), 'one class')
C('matthewsCorrcoef', [big_t, big_p], sk.matthews_corrcoef(big_t, big_p))

# ---- reports, as text
R = lambda t, p, note='', **options: C('classificationReport', [t, p], sk.classification_report(
    t, p, **{'labels' if k == 'classes' else k: range(v) if k == 'classes' else v for k, v in snake(options).items()}), note, **options)
R([0, 1, 2, 2, 2], [0, 0, 2, 2, 1], "scikit-learn's documented example", targetNames=['class 0', 'class 1', 'class 2'])
R([1, 1, 1], [1, 1, 0], 'two classes')
C('classificationReport', [[1, 2, 3], [1, 1, 3]], sk.classification_report([1, 2, 3], [1, 1, 3], labels=[1, 2, 3]), labels=[1, 2, 3])
R([0, 1, 2, 2, 2], [0, 0, 2, 2, 1], 'labels of which one is left out', labels=[1, 2])
R(t3, p3, digits=4)
R(t3, p3, digits=0)
R(t3, p3, 'weights', sampleWeight=w3)
R(lack_t, lack_p, zeroDivision=1)
R(lack_t, lack_p, zeroDivision=0)
R(multi_t, multi_p, 'several labels')
R(multi_t, multi_p, 'several labels', zeroDivision=1, targetNames=['a', 'b', 'a long name of it'])
R([0] * 8 + [1] * 8, [0] + [1] * 7 + [1] * 3 + [0] * 5, 'ties of rounding: 1/8 and 3/8')
R([0] * 8 + [1] * 8, [0] * 5 + [1] * 3 + [1] * 7 + [0], 'ties of rounding: 5/8 and 7/8', digits=1)
R([0, 1], [0, 1], 'names of other scripts', targetNames=['été', '猫🐈'])
R(big_t, big_p, digits=3)
R([4, 4, 4], [4, 4, 4], 'one class')
R([0, 0, 1], [0, 2, 1], 'a class that is only predicted', classes=3)
# the row that scikit-learn prints where labels are left out, in place of the accuracy
C('classificationReport', [t3, p3], sk.classification_report(t3, p3).replace(
    sk.classification_report(t3, p3).split('\n')[6],
    '{:>12s} '.format('micro avg') + ' {:>9.2f}'.format(0.5) * 3 + ' {:>9}'.format(8)), 'the micro row', micro=True)
assert sk.precision_score(t3, p3, average='micro') == 0.5

# ---- curves
bt = np.array([0, 0, 1, 1, 0, 1, 1, 0, 1, 0])
bs = np.array([0.1, 0.4, 0.35, 0.8, 0.4, 0.4, 0.9, 0.2, 0.2, 0.05])
bw = np.array([1, 2, 0.5, 1, 0, 1, 3, 1, 0.25, 1])
rt = rng.integers(0, 2, 60)
rs = np.round(rng.random(60) + 0.3 * rt, 1)


def roc(note, t, s, **options):
    fpr, tpr, thresholds = sk.roc_curve(t, s, **snake(options))
    # 1.2 has max + 1, later versions infinity
    thresholds = np.r_[np.inf, thresholds[1:]]
    C('rocCurve', [t, s], {'fpr': fpr, 'tpr': tpr, 'thresholds': thresholds}, note, **options)


def pr(note, t, s, **options):
    precision, recall, thresholds = sk.precision_recall_curve(t, s, **snake(options))
    C('precisionRecallCurve', [t, s], {'precision': precision, 'recall': recall, 'thresholds': thresholds}, note, **options)


for curve in (roc, pr):
    curve('ties', bt, bs)
    curve('ties and weights', bt, bs, sampleWeight=bw.tolist())
    curve('labels 1 and 2', bt + 1, bs, posLabel=2)
    curve('many ties', rt, rs)
    curve('all scores equal', bt, bs * 0)
    curve('labels -1 and 1', 2 * bt - 1, bs)
roc('every point', rt, rs, dropIntermediate=False)
roc('nothing negative', [1, 1, 1], [0.1, 0.5, 0.4])
roc('nothing positive', [0, 0, 0], [0.1, 0.5, 0.4])
pr('nothing positive', [0, 0, 0], [0.1, 0.5, 0.4])
for t, s, note in ((bt, bs, 'ties'), (rt, rs, 'many ties'), (bt, bs * 0, 'all scores equal'), (bt + 1, bs, 'labels 1 and 2')):
    C('rocAuc', [t, s], sk.roc_auc_score(t, s), note)
C('rocAuc', [bt, bs], sk.roc_auc_score(bt, bs, sample_weight=bw), 'weights', sampleWeight=bw.tolist())
C('averagePrecision', [bt, bs], sk.average_precision_score(bt, bs), 'ties')
C('averagePrecision', [bt, bs], sk.average_precision_score(bt, bs, sample_weight=bw), 'weights', sampleWeight=bw.tolist())
C('averagePrecision', [bt, bs], sk.average_precision_score(bt, bs, pos_label=0), posLabel=0)
C('averagePrecision', [[0, 0], [0.3, 0.1]], sk.average_precision_score([0, 0], [0.3, 0.1]), 'nothing positive')
C('averagePrecision', [[1, 1], [0.3, 0.1]], sk.average_precision_score([1, 1], [0.3, 0.1]), 'nothing negative')
C('auc', [[0, 0.1, 0.4, 1], [0, 0.5, 0.4, 1]], sk.auc([0, 0.1, 0.4, 1], [0, 0.5, 0.4, 1]))
C('auc', [[3, 2, 2, 0], [1, 2, 3, 4]], sk.auc([3, 2, 2, 0], [1, 2, 3, 4]), 'descending')
ct = rng.integers(0, 3, 24)
cs = rng.random((24, 3)) + 0.6 * np.eye(3)[ct]
cs = np.round(cs / cs.sum(1, keepdims=True), 2)
cs[:, 2] = 1 - cs[:, 0] - cs[:, 1]
cw = np.round(rng.random(24) + 0.1, 2)
for average in ('macro', 'weighted', 'micro', None):
    C('rocAuc', [ct, cs], sk.roc_auc_score(ct, cs, multi_class='ovr', average=average), multiClass='ovr', average=average)
C('rocAuc', [ct, cs], sk.roc_auc_score(ct, cs, multi_class='ovr', average='weighted', sample_weight=cw), 'weights', multiClass='ovr', average='weighted', sampleWeight=cw.tolist())
C('rocAuc', [ct, cs], sk.roc_auc_score(ct, cs, multi_class='ovr', average='micro', sample_weight=cw), 'weights', multiClass='ovr', average='micro', sampleWeight=cw.tolist())
for average in ('macro', 'weighted'):
    C('rocAuc', [ct, cs], sk.roc_auc_score(ct, cs, multi_class='ovo', average=average), multiClass='ovo', average=average)
ms = np.round(rng.random((5, 3)), 1)
for average in ('macro', 'weighted', 'micro', None):
    C('rocAuc', [multi_t, ms], sk.roc_auc_score(multi_t, ms, average=average), 'several labels', average=average)
    C('averagePrecision', [multi_t, ms], sk.average_precision_score(multi_t, ms, average=average), 'several labels', average=average)
    C('averagePrecision', [ct, cs], sk.average_precision_score(label_binarize(ct, classes=range(3)), cs, average=average), 'classes', average=average)

# ---- probabilities
C('logLoss', [ct, cs], sk.log_loss(ct, cs))
C('logLoss', [ct, cs], sk.log_loss(ct, cs, sample_weight=cw), 'weights', sampleWeight=cw.tolist())
C('logLoss', [ct, cs], sk.log_loss(ct, cs, normalize=False), normalize=False)
C('logLoss', [bt, bs], sk.log_loss(bt, bs), 'two classes')
C('logLoss', [[0, 1, 1], [0.0, 1.0, 0.0]], sk.log_loss([0, 1, 1], [0.0, 1.0, 0.0]), 'a probability of 0')
C('logLoss', [[2, 2], [[0.1, 0.2, 0.7], [0.3, 0.3, 0.4]]], sk.log_loss([2, 2], [[0.1, 0.2, 0.7], [0.3, 0.3, 0.4]], labels=[0, 1, 2]), 'one class')
logits = np.round(rng.normal(size=(24, 3)) * 3, 2)
soft = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
C('perplexity', [ct, logits], math.exp(sk.log_loss(ct, soft)))
C('perplexity', [np.r_[ct, [-100]], np.r_[logits, [[9, 9, 9]]]], math.exp(sk.log_loss(ct, soft)), 'a row that does not count')
C('perplexity', [ct, logits], math.exp(sk.log_loss(ct, soft, sample_weight=cw)), 'weights', sampleWeight=cw.tolist())

# ---- numbers
nt, np_ = np.array([3, -0.5, 2, 7, 0]), np.array([2.5, 0.0, 2, 8, 0.1])
nw = [1, 2, 0.5, 3, 1]
mt, mp = np.round(rng.normal(size=(6, 3)), 2), np.round(rng.normal(size=(6, 3)), 2)
rmse = lambda t, p, **o: sk.mean_squared_error(t, p, squared=False, **o)
for f, of in {'meanSquaredError': sk.mean_squared_error, 'meanAbsoluteError': sk.mean_absolute_error, 'rootMeanSquaredError': rmse,
              'meanAbsolutePercentageError': sk.mean_absolute_percentage_error, 'r2Score': sk.r2_score}.items():
    C(f, [nt, np_], of(nt, np_))
    C(f, [nt, np_], of(nt, np_, sample_weight=nw), 'weights', sampleWeight=nw)
    C(f, [mt, mp], of(mt, mp))
    C(f, [mt, mp], of(mt, mp, multioutput='raw_values'), multioutput=None)
    C(f, [mt, mp], of(mt, mp, multioutput=[0.2, 0.3, 0.5], sample_weight=[1, 2, 3, 4, 5, 6]), multioutput=[0.2, 0.3, 0.5], sampleWeight=[1, 2, 3, 4, 5, 6])
C('r2Score', [mt, mp], sk.r2_score(mt, mp, multioutput='variance_weighted'), multioutput='varianceWeighted')
C('r2Score', [[2, 2, 2], [2, 2, 2]], sk.r2_score([2, 2, 2], [2, 2, 2]), 'a truth that does not vary, met')
C('r2Score', [[2, 2, 2], [2, 2, 3]], sk.r2_score([2, 2, 2], [2, 2, 3]), 'a truth that does not vary, missed')

path = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'test', 'reference', 'data', 'metrics.json')
with open(path, 'w') as file:
    file.write('[\n' + ',\n'.join(json.dumps(case, separators=(',', ':')) for case in cases) + '\n]\n')
print(len(cases), 'cases')
