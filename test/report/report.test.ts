/** @file The page of a training: what is on it, that it loads nothing, and what is refused. */
import { describe, expect, test } from 'vitest'
import { profile } from '../../src/bench/index.ts'
import { CpuDevice, nn, type Tensor, tensor, zeros } from '../../src/index.ts'
import * as metrics from '../../src/metrics/index.ts'
import { type JudgedSample, type ReportOptions, report } from '../../src/report/index.ts'
import { everything, history } from '../support/judged.ts'
import { type Any, type Refusal, refuse } from '../support/refusals.ts'

const page = await everything()
const headings = (text: string): string[] => [...text.matchAll(/<h2>(.*?)<\/h2>/g)].map(([, title]) => title)
const sample: JudgedSample = { index: 5, label: 0, answer: 1, confidence: 0.9, truth: 0.0004 }

test('a page has what is given, and nothing that is not', async () => {
  expect(headings(page)).toEqual([
    ...['Training', 'Classes', 'Samples', 'Worst mistakes', 'First-layer weights', 'The graph'],
    ...['The model: Sequential', 'This run'],
  ])
  const bare = await report({ ...history, gradNorms: [] }, { title: 'mine' })
  expect(headings(bare)).toEqual(['Training'])
  expect(bare).toContain('<h1>mine</h1></header>')
  expect(bare).not.toContain('Gradient norm')
  const x = tensor([1, 2])
  const parts: [ReportOptions, string][] = [
    [{ confusion: new metrics.Confusion(2) }, 'Classes'],
    [{ samples: [sample] }, 'Samples'],
    [{ mistakes: [sample] }, 'Worst mistakes'],
    [{ graph: tensor([1], { requiresGrad: true }).sum() }, 'The graph'],
    [{ profile: await profile(() => void x.sum(), { steps: 1 }) }, 'Profile'],
    [{ device: new CpuDevice() }, 'This run'],
    [{ facts: { seed: 7 } }, 'This run'],
  ]
  for (const [options, title] of parts) expect(headings(await report(history, options))).toEqual(['Training', title])
})

test('it loads nothing, and every text on it is escaped', () => {
  expect(page).not.toMatch(/(?:src|href)="(?!data:image\/png;base64,)|@import|url\((?!#)|<script|NaN|undefined/)
  expect(page).not.toMatch(/<b>one|<i>text|a<b|"quoted"/)
  const texts = ['&#60;b&#62;one&#60;/b&#62;', 'Lead &#60;i&#62;text', 'a&#60;b', 'All &#38; more', 'badge &#34;quoted']
  for (const text of texts) expect(page).toContain(text)
})

test('any model has its page: curves, classes with their means, layers, facts', async () => {
  const model = new nn.Sequential(new nn.Linear(3, 2), new nn.ReLU())
  const confusion = new metrics.Confusion(2)
  confusion.add([0, 0, 1], [0, 1, 1])
  const text = await report(history, { model, confusion, classes: ['cat', 'dog'], facts: { seed: 7 } })
  for (const part of [
    '<h1>Sequential',
    'Linear(3, 2)',
    'Learning rate',
    'Gradient norm',
    '0.2500',
    'validation a&#60;b',
  ])
    expect(text).toContain(part)
  // P = 1, 1/2 and R = 1/2, 1.
  expect(text).toContain('<tr><th scope="row">macro</th><td>75.0 %</td><td>75.0 %</td><td>66.7 %</td><td>3</td></tr>')
  expect(text).toContain('66.67 % of 3 samples are answered rightly; most often cat is taken for dog (once).')
  expect(text).toContain('title="1 of cat taken for dog (50.00 %)"')
  expect(text).toContain('<tr><th scope="row">seed</th><td>7</td></tr>')
  expect(text).toContain('<tr><th scope="row">device</th><td>cpu</td></tr>')
  expect(text).toContain('<b>1:01</b>')
  const many = await report(history, { confusion: new metrics.Confusion(61) })
  expect(many).toContain('A matrix of 61 classes would be too large to be read.')
  expect(many).not.toContain('class="matrix')
})

test('shares of 1 are in per cent: accuracy, or what is named', async () => {
  expect(page).toContain('<b>87.50 %</b><span>validation accuracy</span>')
  expect(page).toContain('75 %</text>')
  const other = await report(history, { percent: ['a<b'] })
  expect(other).toContain('<b>25.00 %</b><span>validation a&#60;b</span>')
  expect(other).toContain('<b>0.8750</b><span>validation accuracy</span>')
})

test('mistakes say what is right, with both probabilities; samples without images are there too', async () => {
  const samples = [sample, { ...sample, answer: 0, truth: 0.9 }]
  const text = await report(history, { samples, classes: ['cat', 'dog'] })
  expect(text).toContain('dog <small>90 %</small><br><em>is cat <small>0.040 %</small></em>')
  expect(text).toContain('<figcaption>cat <small>90 %</small></figcaption>')
  expect(text).not.toContain('<img')
  expect(await report(history, { mistakes: [] })).toContain('None: every answer is right.')
  const image = { width: 40, height: 20, channels: 3, data: new Uint8Array(2400) }
  const shown = await report(history, { mistakes: [{ ...sample, image }] })
  expect(shown).toMatch(
    /<img src="data:image\/png;base64,[\w+/=]+" alt="sample 5: 0, taken for 1" width="84" height="42">/,
  )
})

test('first-layer weights are a tile for each unit, at most 32', async () => {
  const tiles = (text: string) => text.match(/alt="weights of unit \d+" width="\d+" height="\d+"/g) ?? []
  const linear = (inputs: number, units: number) => new nn.Sequential(new nn.Flatten(), new nn.Linear(inputs, units))
  expect(tiles(page)).toHaveLength(32)
  expect(page).toContain('Linear(784, 40): the weights of the first 32 of 40 units.')
  const rgb = await report(history, { model: linear(12, 3), weights: [2, 2] })
  expect(rgb).toContain('the weights of all 3 units.')
  // Three channels of 2 × 2 stand side by side, with a line between them.
  expect(tiles(rgb)[2]).toBe('alt="weights of unit 2" width="84" height="21"')
  const conv = await report(history, { model: new nn.Sequential(new nn.Conv2d(1, 5, 3)), weights: true })
  expect(tiles(conv)).toHaveLength(5)
  const none = linear(4, 1)
  none.loadStateDict({ '1.weight': zeros([1, 4]), '1.bias': zeros([1]) })
  expect(tiles(await report(history, { model: none, weights: [2, 2] }))).toHaveLength(1)
})

test('a graph is drawn at its own size, and one of many nodes has a box for each module', async () => {
  const size = (text: string) => /<svg xmlns[^>]* width="(\d+)" height="\d+" viewBox="0 0 (\d+) /.exec(text) ?? []
  const [, width, natural] = size(page)
  expect([Number(width) > 200, width]).toEqual([true, natural])
  class Wide extends nn.Module {
    inner = Array.from({ length: 20 }, () => new nn.Linear(2, 2))
    forward(x: Tensor): Tensor {
      return this.inner.map((layer) => layer.forward(x)).reduce((a, b) => a.add(b))
    }
  }
  const loss = new Wide().forward(tensor([[1, 2]])).sum()
  const text = await report(history, { graph: loss })
  expect(text.match(/<title>inner\.\d+: Linear/g)).toHaveLength(20)
  expect(text).not.toContain('transpose')
  const [, wide, all] = size(text)
  expect([Number(wide) > 1500, wide]).toEqual([true, all])
})

describe('is refused, before anything is drawn', () => {
  const model = new nn.Sequential(new nn.Linear(4, 2))
  const confusion = new metrics.Confusion(2)
  const made = (options: Any) => () => report(history, options)
  const image = { width: 2, height: 2, channels: 1, data: new Uint8Array(3) }
  const refused: readonly Refusal[] = [
    [() => report({ ...history, rates: 3 } as Any), 'report: history.rates is 3 (give what train.fit gave)'],
    [
      made({ titel: 'x' }),
      'report: there is no option titel (did you mean title? it takes { model, title, lead, badge, percent, confusion, classes, samples, mistakes, weights, graph, profile, device, facts })',
    ],
    [made({ model: 3 }), 'report: model is 3 (give an nn.Module)'],
    [made({ lead: 3 }), 'report: lead is 3 (give a text)'],
    [made({ percent: 'accuracy' }), "report: percent is 'accuracy' (give a list of names)"],
    [made({ classes: [1, 2], confusion }), 'report: classes is an array (give a list of names)'],
    [made({ classes: ['a'] }), 'report: 1 classes for a confusion matrix of 0 (give a name for each)'],
    [
      made({ classes: ['a'], confusion, samples: [] }),
      'report: 1 classes for a confusion matrix of 2 (give a name for each)',
    ],
    [
      made({ classes: ['a'], samples: [sample] }),
      'report: samples[0] has class 1, and there are 1 (give classes a name for each)',
    ],
    [made({ confusion: 3 }), 'report: confusion is 3 (give a metrics.Confusion)'],
    [made({ samples: 3 }), 'report: samples is 3 (give what judge gave)'],
    [made({ mistakes: [null] }), 'report: mistakes[0].index is undefined (give what judge gave)'],
    [made({ samples: [{ ...sample, truth: '1' }] }), "report: samples[0].truth is '1' (give what judge gave)"],
    [
      made({ samples: [{ ...sample, image }] }),
      'report: samples[0].image is not 2 × 2 pixels of 1 or 3 bytes (give what judge gave)',
    ],
    [made({ weights: true }), 'report: weights are to be shown of no model (give model)'],
    [
      made({ model, weights: true }),
      'report: weights is true, and the first layer is Linear(4, 2) (give [height, width] of its 4 inputs)',
    ],
    [made({ model, weights: false }), 'report: weights is false (give [height, width], integers from 1 up)'],
    [
      made({ model, weights: [2, 3] }),
      'report: weights is [2, 3], and Linear(4, 2) has 4 inputs (give the size of the images)',
    ],
    [
      made({ model: new nn.Conv2d(1, 2, 3), weights: [3, 3] }),
      'report: weights is [3, 3], and the first layer, Conv2d(1, 2, 3), has a size itself (give true)',
    ],
    [
      made({ model: new nn.LSTM(2, 3), weights: [1, 2] }),
      'report: the first layer with weights, LSTM(2, 3), has no weights that are images (Linear and Conv2d have; leave weights out)',
    ],
    [
      made({ model: new nn.ReLU(), weights: true }),
      'report: the model has no weights that are images (Linear and Conv2d have; leave weights out)',
    ],
    [made({ device: 'cpu' }), "report: device is 'cpu' (give await device('auto'))"],
    [made({ facts: 3 }), 'report: facts is 3 (give an object of rows)'],
    [made({ profile: {} }), 'report: profile is an object (give what profile(step) of handgrad/bench gave)'],
    [made({ graph: 3 }), 'report: graph is 3 (give what inspect.backward gave, or a loss)'],
  ]
  refuse(refused)
})
