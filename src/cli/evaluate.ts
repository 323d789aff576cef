/** @file `handgrad eval`: how well a model of a folder tells a text. */
import { fail } from '../core/errors.ts'
import { checkWritable, writeBytes } from '../io/files.ts'
import { nameOf } from '../io/given.ts'
import { load, perplexity } from '../models/index.ts'
import { clock, count, Progress } from '../text/progress.ts'
import { openDevice } from './devices.ts'
import { parseOptions, wholeNumber } from './options.ts'
import { textOf } from './textfile.ts'

export const evalOptions = {
  text: { value: 'FILE', help: 'what is told, in UTF-8' },
  stride: {
    value: 'N',
    help: 'tokens from window to window; fewer are slower and tell more',
    standard: 'half of the length',
  },
  length: { value: 'N', help: 'tokens of a window', standard: "the model's positions" },
  batch: { value: 'N', help: 'windows at once', standard: '8' },
  device: { value: 'cpu|webgpu|auto', help: 'where it runs', standard: 'auto' },
  adapter: { value: 'NAME', help: "part of a WebGPU adapter's name, such as llvmpipe" },
  json: { value: 'FILE', help: 'write what was found there too' },
  help: { help: 'show this' },
} as const

export const evalNotes =
  'Each token is scored once, with at least length - stride tokens before it in all windows but the first.'

/** Bytes of a text that are read. */
const LONGEST = 2 ** 30

export async function evaluate([folder, ...args]: readonly string[]): Promise<void> {
  const op = 'eval'
  if (folder === undefined || folder.startsWith('--'))
    fail(op, 'which model?', 'give its folder first: handgrad eval gpt2 --text FILE')
  const given = parseOptions(op, evalOptions, args)
  if (given.text === undefined) fail(op, 'which text?', `handgrad eval ${nameOf(folder)} --text FILE`)
  const [stride, length, batch] = (['stride', 'length', 'batch'] as const).map((name) => {
    const value = given[name]
    return value === undefined ? undefined : wholeNumber(op, name, value, 1)
  })
  if (given.json !== undefined) await checkWritable(op, given.json)
  const text = await textOf(op, given.text, LONGEST)
  const device = await openDevice(op, given.device ?? 'auto', given.adapter, (line) => console.log(line))
  try {
    const model = await load(folder, { device })
    const bar = new Progress()
    const begun = performance.now()
    const seconds = () => (performance.now() - begun) / 1000
    const progress = (done: number, total: number) => {
      const speed = done / seconds()
      bar.update(
        'eval',
        done / total,
        `${count(done)} tokens  ${count(Math.round(speed))}/s  eta ${clock((total - done) / speed)}`,
      )
    }
    const found = await perplexity(model, text, { stride, length, batch: batch ?? 8, progress })
    const { nats, bitsPerByte, tokens } = found
    const bits = bitsPerByte === null ? '' : `, ${bitsPerByte.toFixed(4)} bits per byte`
    bar.done(`perplexity ${found.perplexity.toFixed(4)}: ${nats.toFixed(4)} nats per token${bits}`)
    console.log(`${count(tokens)} tokens of ${nameOf(given.text)} in ${clock(seconds())} on ${device.name}`)
    if (given.json !== undefined) {
      const about = { model: folder, text: given.text, device: device.name, ...found, seconds: seconds() }
      await writeBytes(op, given.json, new TextEncoder().encode(`${JSON.stringify(about, null, 2)}\n`))
    }
  } finally {
    if (device.kind === 'webgpu') device.destroy()
  }
}
