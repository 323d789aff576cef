/**
 * @file `handgrad/report`: a training as one HTML page without anything outside. The look is style.ts, curves are
 * charts.ts.
 */
import { describe, fail } from '../core/errors.ts'
import type { Tensor } from '../core/tensor.ts'
import { type Graph, toSVG } from '../inspect/index.ts'
import type { Confusion } from '../metrics/confusion.ts'
import { Module } from '../nn/index.ts'
import { optionsOf } from '../ops/base/options.ts'
import { escapeMarkup } from '../text/markup.ts'
import { smoothed, thin } from '../text/plot.ts'
import { clock, figure } from '../text/progress.ts'
import type { EpochRecord, History } from '../train/index.ts'
import { type Line, lineChart, matrixChart } from './charts.ts'
import { style } from './style.ts'

/** What {@link report} shows besides the curves. */
export interface ReportOptions {
  /** Its class is the title, its layers are listed. */
  model?: Module
  /** Default: the model's class. */
  title?: string
  /** A classifier's answers: a matrix, and measures by class with their means. */
  confusion?: Confusion
  /** What the classes are called; default: their numbers. */
  classes?: readonly string[]
  /** What `inspect.backward(loss)` gave, or a loss, to be drawn. */
  graph?: Graph | Tensor
  /** Rows at the end: what a reader should know of the run. */
  facts?: Readonly<Record<string, string | number>>
}

/** Points of a curve; more cannot be seen. */
const POINTS = 700
/** Nodes of a graph that is drawn without its modules' insides. */
const NODES = 40

const count = (n: number): string => n.toLocaleString('en-US')
const section = (title: string, body: string): string => (body ? `<section><h2>${title}</h2>${body}</section>\n` : '')

/**
 * A training as a page: curves of loss, measures, learning rate and gradient norm, a confusion matrix with precision,
 * recall and F1 = 2PR/(P + R) by class, the graph, the model's layers. One text of HTML that loads nothing.
 * ```ts
 * await writeFile('report.html', await report(history, { model }))
 * ```
 * @param history  what `train.fit` gave
 * @throws HandgradError if history is none, an option is unknown or not what it should be, or classes are too few or
 *   too many for the confusion matrix
 */
export async function report(history: History, options?: ReportOptions): Promise<string> {
  const op = 'report'
  const { model, title, confusion, classes, graph, facts } = optionsOf(op, options, {
    model: undefined,
    title: undefined,
    confusion: undefined,
    classes: undefined,
    graph: undefined,
    facts: {},
  })
  for (const name of ['epochs', 'losses', 'rates', 'gradNorms'] as const)
    if (!Array.isArray(history?.[name]))
      fail(op, `history.${name} is ${describe(history?.[name])}`, 'give what train.fit gave')
  if (model !== undefined && !(model instanceof Module)) fail(op, `model is ${describe(model)}`, 'give an nn.Module')
  if (classes && classes.length !== confusion?.classes)
    fail(op, `${classes.length} classes for a confusion matrix of ${confusion?.classes ?? 0}`, 'give a name for each')
  const name = escapeMarkup(title ?? model?.constructor.name ?? 'Training')
  const layers = model ? `<pre class="card">${escapeMarkup(String(model))}</pre>` : ''
  const rows = Object.entries(facts).map(
    ([key, value]) => `<tr><th scope="row">${escapeMarkup(key)}</th><td>${escapeMarkup(String(value))}</td></tr>`,
  )
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${name}</title>
<style>${style}</style>
</head>
<body>
<header><h1>${name}</h1></header>
<section class="tiles">${tiles(history, model)}</section>
${section('Training', `<div class="pair">${curves(history)}</div>`)}${section('Classes', confusion ? await answers(confusion, classes) : '')}${section('The graph', graph ? drawing(graph) : '')}${section('The model', layers)}${section('This run', rows.length > 0 ? `<table class="facts">${rows.join('')}</table>` : '')}</body>
</html>
`
}

function tiles({ epochs, losses }: History, model: Module | undefined): string {
  const last = epochs.at(-1)
  const measures = last?.validation ?? last?.metrics ?? {}
  const all: [value: string, name: string][] = Object.entries(measures).map(([name, x]) => [figure(x), name])
  if (last?.validationLoss !== undefined) all.push([figure(last.validationLoss), 'validation loss'])
  if (last) all.push([figure(last.loss), 'training loss'])
  if (model) all.push([count(model.parameters().reduce((sum, x) => sum + x.numel, 0)), 'parameters'])
  all.push([count(losses.length), `steps, ${epochs.length} epochs`])
  all.push([clock(epochs.reduce((sum, { seconds }) => sum + seconds, 0)), 'of training steps, min:s'])
  return all.map(([value, name]) => `<div><b>${value}</b><span>${escapeMarkup(name)}</span></div>`).join('')
}

function curves({ epochs, losses, rates, gradNorms }: History): string {
  const line = (y: readonly number[]): Line => {
    const steps = y.map((_, i) => i + 1)
    return { name: 'each step', x: thin(steps, POINTS), y: thin(y, POINTS), color: 'var(--blue)' }
  }
  const dots = (name: string, color: string, y: (epoch: EpochRecord) => number | undefined): Line => ({
    ...{ name, color, dots: true, x: epochs.map(({ step }) => step) },
    y: epochs.map((epoch) => y(epoch) ?? Number.NaN),
  })
  const log = losses.every((loss) => !(loss <= 0))
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
      return lineChart(lines, { title: name, xLabel: 'step', yLabel: name })
    }),
    lineChart([line(rates)], { title: 'Learning rate', xLabel: 'step', yLabel: 'rate' }),
  ]
  if (gradNorms.length > 0)
    charts.push(lineChart([line(gradNorms)], { title: 'Gradient norm', xLabel: 'step', yLabel: 'norm', log: true }))
  return charts.join('')
}

async function answers(confusion: Confusion, classes?: readonly string[]): Promise<string> {
  const { classes: all, macro, weighted } = await confusion.classificationReport({ targetNames: classes ?? null })
  const percent = (x: number) => `${(100 * x).toFixed(1)} %`
  const rows = [...all, { name: 'macro', ...macro }, { name: 'weighted', ...weighted }].map(
    ({ name, precision, recall, f1, support }) => {
      const cells = [...[precision, recall, f1].map(percent), count(support)].map((text) => `<td>${text}</td>`)
      return `<tr><th scope="row">${escapeMarkup(name)}</th>${cells.join('')}</tr>`
    },
  )
  const head = ['class', 'precision', 'recall', 'F1', 'samples'].map((text) => `<th>${text}</th>`).join('')
  const table = `<table class="plain"><thead><tr>${head}</tr></thead><tbody>${rows.join('')}</tbody></table>`
  return `<p>Rows are the true classes, columns the answers.</p><div class="pair"><div>${matrixChart(confusion.counts)}</div><div>${table}</div></div>`
}

/** Large graphs have a box for each module. */
function drawing(graph: Graph | Tensor): string {
  const given = 'nodes' in graph ? graph.nodes : []
  const foldModules = given.length > NODES && given.some(({ modules }) => modules.length > 0)
  return `<div class="graph">${toSVG(graph, { foldViews: true, foldModules })}</div>`
}
