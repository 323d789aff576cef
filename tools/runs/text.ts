/**
 * @file Texts, character by character, beside PyTorch: from the same first weights and batches the losses must stay
 * within 2 % of those of twin.py, step by step. The batches are a rule: sample i of the run is the window that begins
 * at 7919·i modulo the number of windows.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Device, data, io, manualSeed, nn, optim, type Tensor, train } from '../../src/index.ts'
import { type Outcome, program } from './run.ts'

/** What is trained, as twin.py has it. */
export interface Text {
  readonly name: string
  readonly what: string
  readonly file: string
  readonly lr: number
  readonly steps: number
  readonly batch: number
  /** Characters in a window. */
  readonly block: number
  make(characters: number, device: Device): train.Trainable
}

const STRIDE = 7919
/** How far a loss may be from PyTorch's, relative to that. */
const WANTED = 0.02

const nextLoss = (logits: Tensor, target: Tensor): Tensor =>
  nn.functional.crossEntropy(logits.flatten(0, 1), target.flatten())

/** The largest distance of losses from PyTorch's, relative to those, and its step, from 1. */
export function worst(losses: readonly number[], reference: readonly number[]): { off: number; step: number } {
  const offs = losses.map((loss, i) => Math.abs(loss - reference[i]) / reference[i])
  const off = offs.some(Number.isNaN) ? Number.NaN : Math.max(...offs)
  return { off, step: offs.findIndex((x) => Object.is(x, off)) + 1 }
}

/** `--weights FILE` writes the first weights for twin.py; `--reference FILE` is what that found. */
export function run(text: Text, args: readonly string[]): Promise<Outcome> {
  const reference = `test/reference/runs/${text.name}.json`
  const defaults = { steps: String(text.steps), weights: '', reference }
  return program(text.name, args, defaults, async ({ data: folder, device, own }) => {
    const steps = Number(own.steps)
    manualSeed(1)
    const { codes, alphabet } = data.characters(await data.loadText(join(folder, text.file)))
    const windows = new data.WindowDataset(codes, text.block)
    const length = steps * text.batch
    const sampler = { length, order: () => Int32Array.from({ length }, (_, i) => (i * STRIDE) % windows.length) }
    const batches = new data.DataLoader(windows, { batchSize: text.batch, sampler, device })
    const net = text.make(alphabet.length, device)
    if (own.weights) await io.saveSafetensors(own.weights, net.stateDict())
    const optimizer = new optim.Adam(net.parameters(), { lr: text.lr })
    const { losses } = await train.fit(net, { train: batches, loss: nextLoss, optimizer, clip: { norm: 1 }, device })
    const head = { what: text.what, length: `${steps} steps`, wanted: 'within 2 % of PyTorch at every step' }
    const last = `loss ${losses[0].toFixed(4)} → ${losses[steps - 1].toFixed(4)}`
    if (own.weights && !existsSync(own.reference)) return { ...head, result: last, reached: false }
    const { losses: theirs } = JSON.parse(readFileSync(own.reference, 'utf8')) as { losses: number[] } // by twin.py
    const { off, step } = worst(losses, theirs)
    const result = `${last}, PyTorch ${theirs[steps - 1].toFixed(4)}; at most ${(100 * off).toPrecision(2)} % off (step ${step})`
    return { ...head, result, reached: off <= WANTED }
  })
}
