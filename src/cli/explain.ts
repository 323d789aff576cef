/** @file `handgrad explain OP SHAPE …`: what an op launches, and why, at what cost, on random inputs. */
import { fail, HandgradError, nearest, shown } from '../core/errors.ts'
import { showShape, sizeOf } from '../core/shape.ts'
import type { Tensor } from '../core/tensor.ts'
import { type Explanation, explain as explainOp } from '../explain/index.ts'
import { FACTS } from '../interpreter/facts.ts'
import { writeBytes } from '../io/files.ts'
import { manualSeed, randint, randn, tensor } from '../node.ts'
import * as ops from '../ops/index.ts'
import { oneOf, parseOptions } from './options.ts'

export const explainOptions = {
  backward: { help: 'also the gradient, for cotangents of ones' },
  facts: {
    value: 'NAME',
    help: `the adapter that variants are chosen for: ${Object.keys(FACTS).join(', ')}`,
    standard: 'gpu',
  },
  html: { value: 'FILE', help: 'write a page in which small launches can be played' },
  markdown: { help: 'print Markdown' },
  help: { help: 'show this' },
} as const

export const explainNotes =
  'Inputs: 4x8 is a tensor of random numbers, 4x8:int10 of integers from 0 to 9, 4x8:bool of booleans, scalar one of a single number; =2 and =[0,1] are values, dim=0 an option. Where an op wants integers or booleans behind its first input, those that fit are tried.'

/** What an argument asks for. */
type Asked =
  | { readonly shape: readonly number[]; readonly kind: Kind | undefined; readonly most: number }
  | { readonly value: unknown }
  | { readonly option: string; readonly value: unknown }
type Kind = 'float' | 'int' | 'bool'

const KINDS = ['float', 'int', 'bool'] as const

/** Run the command. */
export async function explain(args: readonly string[]): Promise<void> {
  const from = args.findIndex((arg) => arg.startsWith('--'))
  const [name, ...inputs] = from < 0 ? args : args.slice(0, from)
  const given = parseOptions('explain', explainOptions, from < 0 ? [] : args.slice(from))
  if (given.html !== undefined && given.markdown !== undefined) fail('explain', '--html and --markdown are both given')
  const op = opOf(name)
  const facts = oneOf('explain', 'facts', given.facts ?? 'gpu', FACTS)
  const asked = inputs.map(askedOf)
  const explained = await fitting(name, asked, (values) =>
    explainOp(op, ...values, { facts, backward: given.backward !== undefined }),
  )
  if (given.html !== undefined) {
    await writeBytes('explain', given.html, new TextEncoder().encode(explained.toHTML()))
    console.log(`page: ${given.html}`)
  } else console.log(given.markdown === undefined ? explained.toText() : explained.toMarkdown())
}

function opOf(name: string | undefined): (...inputs: never[]) => unknown {
  const all: Readonly<Record<string, unknown>> = ops
  if (name === undefined) fail('explain', 'which op?', 'such as handgrad explain softmax 4x8')
  const found = Object.hasOwn(all, name) ? all[name] : undefined
  if (typeof found === 'function') return found as (...inputs: never[]) => unknown
  const near = nearest(name, Object.keys(all))
  return fail(
    'explain',
    `there is no op '${shown(name)}'`,
    near ? `did you mean ${near}?` : 'docs/made/ops.md lists them',
  )
}

function askedOf(text: string): Asked {
  const [, shape, kind, most = 0] = text.match(/^(scalar|\d+(?:x\d+)*)(?::(bool|float|int(?=\d))(\d+)?)?$/) ?? []
  if (shape !== undefined)
    return {
      shape: shape === 'scalar' ? [] : shape.split('x').map(Number),
      kind: kind as Kind | undefined,
      most: Number(most),
    }
  const [, option, value] = text.match(/^(\w*)=(.*)$/s) ?? []
  if (value === undefined)
    return fail(
      'explain',
      `'${shown(text)}' is not an input`,
      'give a shape such as 4x8 or 8:int10, =VALUE, or NAME=VALUE',
    )
  let parsed: unknown
  try {
    parsed = JSON.parse(value)
  } catch {
    parsed = value
  }
  return option ? { option, value: parsed } : { value: parsed }
}

/** Explain on inputs of the kinds that the op takes: those that are not said are tried one after the other. */
async function fitting(
  name: string,
  asked: readonly Asked[],
  run: (values: readonly unknown[]) => Promise<Explanation>,
): Promise<Explanation> {
  let first: unknown
  for (const kind of KINDS) {
    try {
      return await run(valuesOf(asked, kind))
    } catch (error) {
      if (!(error instanceof HandgradError)) throw error
      first ??= error
      // Anything else would be wrong with other numbers too.
      if (!/ is (float32|int32|bool), not /.test(error.message)) break
    }
  }
  const { message } = first as HandgradError
  const shapes = asked.flatMap((one) => ('shape' in one ? [showShape(one.shape)] : [])).join(', ') || 'no tensors'
  return fail(
    'explain',
    `${name} cannot be called with ${shapes}: ${message}`,
    'say what else it takes: SHAPE:intN, SHAPE:bool, =VALUE, NAME=VALUE',
  )
}

/** Inputs as they are asked for. @param kind  of those behind the first that say none */
function valuesOf(asked: readonly Asked[], kind: Kind): unknown[] {
  manualSeed(0)
  const tensors = asked.flatMap((one) => ('shape' in one ? [one] : []))
  // An index below the least size is inside of every axis.
  const least = Math.max(1, Math.min(...(tensors[0]?.shape ?? [])))
  const options = Object.fromEntries(asked.flatMap((one) => ('option' in one ? [[one.option, one.value]] : [])))
  const values = asked.flatMap((one): unknown[] => {
    if ('option' in one) return []
    if (!('shape' in one)) return [one.value]
    const own = one.kind ?? (one === tensors[0] ? 'float' : kind)
    return [random(one.shape, own, one.most || (Number.isFinite(least) ? least : 2))]
  })
  return Object.keys(options).length > 0 ? [...values, options] : values
}

function random(shape: readonly number[], kind: Kind, most: number): Tensor {
  if (kind === 'float') return randn(shape)
  if (kind === 'int') return randint(0, most, shape)
  return tensor(
    Uint8Array.from({ length: sizeOf(shape) }, (_, i) => Number(i % 3 > 0)),
    { shape, dtype: 'bool' },
  )
}
