/**
 * @file `handgrad/report`: a training as one HTML page without anything outside. What a classifier makes of samples is
 * judge.ts, images are pictures.ts, curves charts.ts, the look style.ts.
 */
import type { Device } from '../core/device.ts'
import { describe, fail } from '../core/errors.ts'
import { Tensor } from '../core/tensor.ts'
import { type Graph, graph as graphOf, toSVG } from '../inspect/index.ts'
import { Confusion } from '../metrics/confusion.ts'
import { Module } from '../nn/index.ts'
import { optionsOf } from '../ops/base/options.ts'
import { escapeMarkup, htmlPage } from '../text/markup.ts'
import { smoothed, thin } from '../text/plot.ts'
import { clock, count, figure } from '../text/progress.ts'
import type { EpochRecord, History } from '../train/index.ts'
import { can, checkDevice } from '../train/steps.ts'
import type { WebGPUDevice } from '../webgpu/device.ts'
import { type Line, lineChart, matrixChart, scrolled, tableChart } from './charts.ts'
import type { JudgedSample } from './judge.ts'
import { checkSamples, percent, samplesChart, tilesOf, weightsChart } from './pictures.ts'
import { style } from './style.ts'

export { type JudgedSample, type Judgement, type JudgeOptions, judge } from './judge.ts'
export type { Pixels } from './png.ts'

/** A part of a page that another part of handgrad makes. */
export interface Section {
  /** HTML for the page's body, and the CSS that it needs. */
  section(): { readonly style: string; readonly body: string }
}

/** What {@link report} shows besides the curves. */
export interface ReportOptions {
  /** Its class is the title, its layers are listed. */
  model?: Module
  /** Default: the model's class. */
  title?: string
  /** A paragraph below the title. */
  lead?: string
  /** What must not be overlooked, marked, below the title: `synthetic data: …`. */
  badge?: string
  /** Measures of the history that are shares of 1, to be shown in per cent; default `['accuracy']`. */
  percent?: readonly string[]
  /** A classifier's answers: a matrix, and measures by class with their means. */
  confusion?: Confusion
  /** What the classes are called; default: their numbers. */
  classes?: readonly string[]
  /** Samples with what the model takes them for, as {@link judge} gives them. */
  samples?: readonly JudgedSample[]
  /** The worst mistakes, as {@link judge} gives them. */
  mistakes?: readonly JudgedSample[]
  /** Weights of the first layer as images: true for a Conv2d, [height, width] of its inputs for a Linear. */
  weights?: true | readonly [height: number, width: number]
  /** What `inspect.backward(loss)` gave, or a loss, to be drawn. */
  graph?: Graph | Tensor
  /** What `profile` or `profiling` of `handgrad/bench` gave: where the time of a step goes. */
  profile?: Section
  /** What it was computed on; default: where the model is. */
  device?: Device
  /** Rows at the end: what a reader should know of the run. */
  facts?: Readonly<Record<string, string | number>>
}

/** Points of a curve; more cannot be seen. */
const POINTS = 700
/** Nodes of a graph that is drawn without its modules' insides. */
const NODES = 40
/** Pixels of a drawing that is folded if it is taller. */
const TALL = 1600
/** Classes of a matrix that can be read. */
const CLASSES = 60

const section = (title: string, body: string): string =>
  body && `<section><h2>${escapeMarkup(title)}</h2>${body}</section>\n`
const paragraph = (text: string): string => text && `<p>${text}</p>`

/**
 * A training as a page: curves of loss, measures, learning rate and gradient norm, a confusion matrix with precision,
 * recall and F1 = 2PR/(P + R) by class, samples and the worst mistakes, the first layer's weights, the graph, the
 * model's layers. One text of HTML that loads nothing, for screens of any width, light and dark, and for paper.
 * ```ts
 * const { confusion, samples, mistakes } = await judge(model, testBatches)
 * await writeFile('report.html', await report(history, { model, confusion, samples, mistakes }))
 * ```
 * @param history  what `train.fit` gave
 * @throws HandgradError if history is none, an option is unknown or not what it should be, classes are too few or too
 *   many for the confusion matrix or the samples, or the model's first layer has no weights that are images
 */
export async function report(history: History, options?: ReportOptions): Promise<string> {
  const op = 'report'
  const given = optionsOf(op, options, {
    model: undefined,
    title: undefined,
    lead: '',
    badge: '',
    percent: ['accuracy'],
    confusion: undefined,
    classes: undefined,
    samples: undefined,
    mistakes: undefined,
    weights: undefined,
    graph: undefined,
    profile: undefined,
    device: undefined,
    facts: {},
  })
  const { model, title, lead, badge, confusion, classes, samples, mistakes, weights, graph, profile, facts } = given
  for (const name of ['epochs', 'losses', 'rates', 'gradNorms'] as const)
    if (!Array.isArray(history?.[name]))
      fail(op, `history.${name} is ${describe(history?.[name])}`, 'give what train.fit gave')
  if (model !== undefined && !(model instanceof Module)) fail(op, `model is ${describe(model)}`, 'give an nn.Module')
  for (const [name, text] of Object.entries({ title: title ?? '', lead, badge }))
    if (typeof text !== 'string') fail(op, `${name} is ${describe(text)}`, 'give a text')
  for (const [name, texts] of Object.entries({ percent: given.percent, classes: classes ?? [] }))
    if (!Array.isArray(texts) || !texts.every((text) => typeof text === 'string'))
      fail(op, `${name} is ${describe(texts)}`, 'give a list of names')
  if (confusion !== undefined && !(confusion instanceof Confusion))
    fail(op, `confusion is ${describe(confusion)}`, 'give a metrics.Confusion')
  if (classes && (confusion || !(samples || mistakes)) && classes.length !== confusion?.classes)
    fail(op, `${classes.length} classes for a confusion matrix of ${confusion?.classes ?? 0}`, 'give a name for each')
  checkSamples(op, 'samples', samples, classes?.length)
  checkSamples(op, 'mistakes', mistakes, classes?.length)
  const tiles = weights === undefined ? undefined : tilesOf(op, model, weights)
  checkDevice(op, given.device)
  if (typeof facts !== 'object' || facts === null) fail(op, `facts is ${describe(facts)}`, 'give an object of rows')
  if (graph !== undefined && !(graph instanceof Tensor) && !Array.isArray(graph?.nodes))
    fail(op, `graph is ${describe(graph)}`, 'give what inspect.backward gave, or a loss')
  if (profile !== undefined && !can(profile, 'section'))
    fail(op, `profile is ${describe(profile)}`, 'give what profile(step) of handgrad/bench gave')
  const picture = graph ? drawing(graph) : ''

  const times = profile?.section()
  const device = given.device ?? model?.parameters()[0]?.device
  const name = title ?? model?.constructor.name ?? 'Training'
  const called = (label: number): string => classes?.[label] ?? String(label)
  const rows = Object.entries({ ...(device && { device: deviceText(device) }), ...facts }).map(
    ([key, value]) => `<tr><th scope="row">${escapeMarkup(key)}</th><td>${escapeMarkup(String(value))}</td></tr>`,
  )
  const parts = [
    section('Training', `<div class="pair">${curves(history, given.percent)}</div>`),
    section('Classes', confusion ? await answers(confusion, called) : ''),
    section('Samples', samples ? await drawn(samples, called) : ''),
    section('Worst mistakes', mistakes ? await worst(mistakes, called, confusion) : ''),
    section('First-layer weights', tiles ? await weightsChart(tiles) : ''),
    section('The graph', picture),
    section('Profile', times?.body ?? ''),
    section(`The model: ${model?.constructor.name}`, model ? layers(model) : ''),
    section('This run', rows.length > 0 ? `<table class="facts">${rows.join('')}</table>` : ''),
  ]
  return htmlPage(
    name,
    times ? style + times.style : style,
    `<header><h1>${escapeMarkup(name)}</h1>${paragraph(escapeMarkup(lead))}${paragraph(badge && `<span class="badge">${escapeMarkup(badge)}</span>`)}</header>
<main>
<section class="tiles">${figures(history, model, given.percent)}</section>
${parts.join('')}</main>`,
  )
}

/** `webgpu:llvmpipe (llvmpipe (LLVM 19.1.7, 256 bits)), computes in software`. */
function deviceText(device: Device): string {
  // WebGPU's device is loaded where one is used, so its class cannot be asked for here; what it has more is looked for.
  const { name, info, facts } = device as Device & Partial<Pick<WebGPUDevice, 'info' | 'facts'>>
  const adapter = info?.description ? ` (${info.description})` : ''
  return `${name}${adapter}${facts?.software ? ', computes in software' : ''}`
}

/** Per cent for the measures that are named so. */
const shown = (name: string, percents: readonly string[], x: number): string =>
  percents.includes(name) ? percent(x, 2) : figure(x)

function figures({ epochs, losses }: History, model: Module | undefined, percents: readonly string[]): string {
  const last = epochs.at(-1)
  const of = last?.validation ? 'validation' : 'training'
  const all: [value: string, name: string][] = Object.entries(last?.validation ?? last?.metrics ?? {}).map(
    ([name, x]) => [shown(name, percents, x), `${of} ${name}`],
  )
  if (last?.validationLoss !== undefined) all.push([figure(last.validationLoss), 'validation loss'])
  if (last) all.push([figure(last.loss), 'training loss'])
  if (model) all.push([count(model.parameters().reduce((sum, x) => sum + x.numel, 0)), 'parameters'])
  all.push([count(losses.length), `steps, ${count(epochs.length)} epoch${epochs.length === 1 ? '' : 's'}`])
  all.push([clock(epochs.reduce((sum, { seconds }) => sum + seconds, 0)), 'of training steps, min:s'])
  return all.map(([value, name]) => `<div><b>${value}</b><span>${escapeMarkup(name)}</span></div>`).join('')
}

function curves({ epochs, losses, rates, gradNorms }: History, percents: readonly string[]): string {
  const line = (y: readonly number[]): Line => {
    const steps = y.map((_, i) => i + 1)
    return { name: 'each step', x: thin(steps, POINTS), y: thin(y, POINTS), color: 'var(--blue)' }
  }
  const dots = (name: string, color: string, y: (epoch: EpochRecord) => number | undefined): Line => ({
    ...{ name, color, dots: true, x: epochs.map(({ step }) => step) },
    y: epochs.map((epoch) => y(epoch) ?? Number.NaN),
  })
  // Zero has no place on a logarithmic axis.
  const positive = (values: readonly number[]): boolean => values.every((x) => !(x <= 0))
  const log = positive(losses)
  const validated = epochs.some(({ validationLoss }) => validationLoss !== undefined)
  const loss = [
    { ...line(losses), faint: true },
    { ...line(smoothed(losses)), name: 'training (smoothed)' },
  ]
  if (validated) loss.push(dots('validation', 'var(--red)', ({ validationLoss }) => validationLoss))
  const charts = [
    lineChart(loss, { title: 'Loss', xLabel: 'step', yLabel: log ? 'loss, log scale' : 'loss', log }),
    ...Object.keys(epochs[0]?.metrics ?? {}).map((name) => {
      const lines = [dots('training', 'var(--blue)', ({ metrics }) => metrics[name])]
      if (validated) lines.push(dots('validation', 'var(--red)', ({ validation }) => validation?.[name]))
      const format = percents.includes(name) ? (v: number) => `${Number((100 * v).toPrecision(6))} %` : String
      return lineChart(lines, { title: name, xLabel: 'step', yLabel: name, format })
    }),
    lineChart([line(rates)], { title: 'Learning rate', xLabel: 'step', yLabel: 'rate' }),
  ]
  if (gradNorms.length > 0) {
    const look = { title: 'Gradient norm', xLabel: 'step', yLabel: 'norm', log: positive(gradNorms) }
    charts.push(lineChart([line(gradNorms)], look))
  }
  return charts.join('')
}

async function answers(confusion: Confusion, called: (label: number) => string): Promise<string> {
  const { counts, total, right } = confusion
  const names = counts.map((_, label) => called(label))
  const { classes: all, macro, weighted } = await confusion.classificationReport({ targetNames: names })
  const rows = [...all, { name: 'macro', ...macro }, { name: 'weighted', ...weighted }].map(
    ({ name, precision, recall, f1, support }) => [
      name,
      ...[precision, recall, f1].map((x) => percent(x, 1)),
      count(support),
    ],
  )
  const table = tableChart('measures by class', ['class', 'precision', 'recall', 'F1', 'samples'], rows)
  const many = counts.length > CLASSES
  const matrix = many
    ? `<p>A matrix of ${count(counts.length)} classes would be too large to be read.</p>`
    : matrixChart(counts, names)
  const text = `${percent(right / total || 0, 2)} of ${count(total)} samples are answered rightly${commonest(counts, names)}.`
  const read = many
    ? ''
    : ' Rows are the true classes, columns the answers; mistakes are shaded against the most frequent one.'
  return `${paragraph(escapeMarkup(text + read))}<div class="pair"><div>${matrix}</div><div>${table}</div></div>`
}

/** `; most often 7 is taken for 9 (12 times)`. */
function commonest(counts: readonly (readonly number[])[], names: readonly string[]): string {
  let [worst, text] = [0, '']
  counts.forEach((row, i) =>
    row.forEach((n, j) => {
      if (i === j || n <= worst) return
      worst = n
      text = `; most often ${names[i]} is taken for ${names[j]} (${n === 1 ? 'once' : `${count(n)} times`})`
    }),
  )
  return text
}

const drawn = async (samples: readonly JudgedSample[], called: (label: number) => string): Promise<string> =>
  `<p>Taken at random, with the model's answer and its probability.</p>${await samplesChart(samples, called)}`

async function worst(
  mistakes: readonly JudgedSample[],
  called: (label: number) => string,
  confusion: Confusion | undefined,
): Promise<string> {
  if (mistakes.length === 0) return '<p>None: every answer is right.</p>'
  const of = confusion ? ` of ${count(confusion.total - confusion.right)}` : ''
  return `<p>The ${count(mistakes.length)}${of} wrong answers that gave the true class the least probability: what the model took each for, what it is, and the probability that the model gave to both.</p>${await samplesChart(mistakes, called)}`
}

/** At its own size, in a box that scrolls. Large graphs have a box for each module. */
function drawing(given: Graph | Tensor): string {
  const graph = 'nodes' in given ? given : graphOf(given)
  const draw = (foldModules: boolean): string =>
    toSVG(graph, { foldViews: true, foldModules, direction: 'down', width: Infinity })
  const folds = graph.nodes.some(({ modules }) => modules.length > 0)
  const whole = folds && graph.nodes.length > NODES ? '' : draw(false)
  const tall = Number(/height="(\d+)"/.exec(whole)?.[1]) > TALL
  return scrolled('the graph', whole && !(folds && tall) ? whole : draw(true), 'card graph')
}

const layers = (model: Module): string =>
  scrolled('the layers of the model', `<pre>${escapeMarkup(String(model))}</pre>`, 'card')
