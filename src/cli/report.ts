/**
 * @file The report of a training as one HTML file without anything outside: curves, confusion, samples, mistakes,
 * graph.
 */

import { Philox } from '../core/philox.ts'
import { type Graph, toSVG } from '../inspect/index.ts'
import { lineChart, matrixChart } from '../report/charts.ts'
import { pngAddress } from '../report/png.ts'
import { style } from '../report/style.ts'
import { escapeMarkup } from '../text/markup.ts'
import { smoothed, thin } from '../text/plot.ts'
import { clock } from '../text/progress.ts'
import type { Evaluation } from '../train/index.ts'
import type { DigitData } from './digits.ts'
import type { Metrics } from './metrics.ts'

export interface ReportParts {
  readonly metrics: Metrics
  readonly data: DigitData
  readonly evaluation: Evaluation
  readonly graph: Graph
}

/** Images shown as samples, and of the worst mistakes. */
const SAMPLES = 20
const MISTAKES = 20
/** Points of a curve; more cannot be seen. */
const POINTS = 700

const count = (n: number): string => n.toLocaleString('en-US')
const percent = (part: number, digits = 2): string => `${(100 * part).toFixed(digits)} %`

/** The page. */
export async function report({ metrics, data, evaluation, graph }: ReportParts): Promise<string> {
  const { test, settings, device } = metrics
  const wrong = evaluation.confusion.total - evaluation.confusion.right
  const made = data.synthetic ? 'synthetic digits, drawn by the program itself' : data.name
  const tiles = [
    [percent(test.accuracy), `test accuracy on ${data.name}`],
    [count(wrong), `of ${count(data.test.count)} test images wrong`],
    [test.loss.toFixed(4), 'test loss (nats)'],
    [count(metrics.parameters), 'parameters'],
    [clock(metrics.seconds), `for ${settings.epochs} epoch${settings.epochs === 1 ? '' : 's'}, min:s`],
    [count(Math.round(metrics.imagesPerSecond)), 'images per second'],
  ]
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>handgrad: digit classifier, ${percent(test.accuracy)} on ${escapeMarkup(data.name)}</title>
<style>${style}</style>
</head>
<body>
<header>
<h1>Digit classifier</h1>
<p>784 – 256 – 10 with ReLU, trained with Adam on <b>${escapeMarkup(made)}</b>, computed on <b>${escapeMarkup(device.name)}</b>.
${data.synthetic ? '<span class="badge">synthetic data: these figures are not MNIST results</span>' : ''}</p>
</header>
<section class="tiles">${tiles.map(([value, name]) => `<div><b>${value}</b><span>${escapeMarkup(name)}</span></div>`).join('')}</section>
<section><h2>Training</h2><div class="pair">${curves(metrics)}</div></section>
<section><h2>Where it goes wrong</h2>
<p>Test images of ${escapeMarkup(data.name)}. Rows are the true digits, columns the model's answers; mistakes are shaded against the most frequent one${commonest(test.confusion)}.</p>
<div class="pair"><div>${matrixChart(
    test.confusion,
    test.confusion.map((_, i) => String(i)),
  )}</div><div>${classTable(metrics)}</div></div></section>
<section><h2>Samples</h2><p>Test images taken at random, with the model's answer and its probability.</p>
<div class="digits">${await samples(data, evaluation)}</div></section>
<section><h2>Worst mistakes</h2><p>The ${Math.min(MISTAKES, wrong)} of ${count(wrong)} wrong answers that gave the true digit the least probability.</p>
<div class="digits">${await mistakes(data, evaluation)}</div></section>
<section><h2>The graph</h2><p>One batch through the trained model and back: what every node computed, and the gradient that arrived there.
Blue boxes are parameters, dashed ones data. Ranges are least … largest, mean ± standard deviation; a map has a square for each
part of a matrix.</p>
<div class="graph">${toSVG(graph, { direction: 'down' })}</div></section>
<section><h2>This run</h2>${facts(metrics)}</section>
</body>
</html>
`
}

function curves({ losses, epochs, settings, data }: Metrics): string {
  const steps = losses.map((_, i) => i + 1)
  const perEpoch = losses.length / settings.epochs
  const raw = thin(losses, POINTS)
  const smooth = thin(smoothed(losses), POINTS)
  const loss = lineChart(
    [
      { name: 'each step', x: thin(steps, POINTS), y: raw, color: 'var(--blue)', faint: true },
      { name: 'training (smoothed)', x: thin(steps, POINTS), y: smooth, color: 'var(--blue)' },
      {
        name: 'test',
        x: epochs.map(({ epoch }) => epoch * perEpoch),
        y: epochs.map(({ testLoss }) => testLoss ?? Number.NaN),
        color: 'var(--red)',
        dots: true,
      },
    ],
    { title: 'Loss', xLabel: 'step', yLabel: 'cross-entropy in nats, log scale', log: true },
  )
  const accuracy = lineChart(
    [
      {
        name: 'while training',
        x: epochs.map(({ epoch }) => epoch),
        y: epochs.map((e) => 100 * e.accuracy),
        color: 'var(--blue)',
        dots: true,
      },
      {
        name: 'test',
        x: epochs.map(({ epoch }) => epoch),
        y: epochs.map((e) => 100 * (e.testAccuracy ?? Number.NaN)),
        color: 'var(--red)',
        dots: true,
      },
    ],
    {
      title: `Accuracy on ${data.name}`,
      xLabel: 'epoch',
      yLabel: 'right answers, %',
      format: (v) => `${v}`,
    },
  )
  return loss + accuracy
}

/** `, 7 taken for 9 (12 times)`. */
function commonest(counts: readonly (readonly number[])[]): string {
  const all = counts.flatMap((row, i) => row.flatMap((n, j) => (i === j ? [] : [{ i, j, n }])))
  const worst = all.reduce((a, b) => (b.n > a.n ? b : a))
  return worst.n === 0
    ? ''
    : `, ${worst.i} taken for ${worst.j} (${worst.n === 1 ? 'once' : `${count(worst.n)} times`})`
}

function classTable({ test }: Metrics): string {
  const rows = test.classes.map(({ precision, recall, f1, support }, i) => {
    const cells = [precision, recall, f1].map((v) => `<td>${percent(v, 1)}</td>`).join('')
    return `<tr><th scope="row">${i}</th>${cells}<td>${count(support)}</td></tr>`
  })
  return `<table class="plain"><thead><tr><th>digit</th><th>precision</th><th>recall</th><th>F1</th><th>images</th></tr></thead><tbody>${rows.join('')}</tbody></table>`
}

async function figure({ test }: DigitData, { predicted, confidence, truth }: Evaluation, i: number): Promise<string> {
  const { rows, cols, images, labels } = test
  const ink = images.subarray(i * rows * cols, (i + 1) * rows * cols)
  const image = await pngAddress({ width: cols, height: rows, channels: 1, data: ink.map((v) => 255 - v) })
  const right = predicted[i] === labels[i]
  const text = right
    ? `${predicted[i]} <small>${percent(confidence[i], 0)}</small>`
    : `${predicted[i]} <small>${percent(confidence[i], 0)}</small><br><em>is ${labels[i]} <small>${percent(truth[i], truth[i] < 0.001 ? 3 : 1)}</small></em>`
  return `<figure class="${right ? 'right' : 'wrong'}"><img src="${image}" alt="test image ${i}, a ${labels[i]}" width="84" height="84"><figcaption>${text}</figcaption></figure>`
}

async function samples(data: DigitData, evaluation: Evaluation): Promise<string> {
  const order = new Philox(0).permutation(data.test.count)
  return (await Promise.all([...order.subarray(0, SAMPLES)].map((i) => figure(data, evaluation, i)))).join('')
}

async function mistakes(data: DigitData, evaluation: Evaluation): Promise<string> {
  const wrong = Array.from(data.test.labels, (_, i) => i).filter((i) => evaluation.predicted[i] !== data.test.labels[i])
  wrong.sort((a, b) => evaluation.truth[a] - evaluation.truth[b])
  const figures = await Promise.all(wrong.slice(0, MISTAKES).map((i) => figure(data, evaluation, i)))
  return figures.join('') || '<p>None: every answer is right.</p>'
}

function facts({ started, device, node, platform, cores, data, settings }: Metrics): string {
  const rows = [
    ['started', started],
    [
      'device',
      `${device.name}${device.adapter ? ` (${device.adapter})` : ''}${device.kind === 'webgpu' && device.software ? ', computes on the CPU' : ''}`,
    ],
    ['system', `Node ${node}, ${platform}, ${cores} cores`],
    ['training images', `${count(data.train.images)}, ${data.train.source}`],
    ['test images', `${count(data.test.images)}, ${data.test.source}`],
    ['pixels', `u / 255 / ${data.std.toFixed(4)}`],
    [
      'settings',
      `Adam, learning rate up to ${settings.lr} and down to 0 in one cycle, batches of ${settings.batch}, ${settings.epochs} epoch${settings.epochs === 1 ? '' : 's'}, seed ${settings.seed}`,
    ],
    ['beside this file', 'weights.safetensors, metrics.json'],
  ]
  return `<table class="facts">${rows.map(([name, value]) => `<tr><th scope="row">${name}</th><td>${escapeMarkup(value)}</td></tr>`).join('')}</table>`
}
