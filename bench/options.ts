/**
 * @file What `npm run bench -- …` is asked for. Apart from the suites, so that a mistake is told before any is loaded.
 */
import { parseArgs } from 'node:util'

export const suiteNames = ['dispatch', 'matmul', 'mlp', 'cpu', 'optim', 'kernels'] as const
export type SuiteName = (typeof suiteNames)[number]
const kinds = ['cpu', 'webgpu'] as const

export interface BenchOptions {
  readonly names: readonly SuiteName[]
  readonly kinds: readonly (typeof kinds)[number][]
  readonly adapter: string | undefined
  readonly full: boolean
  readonly save: boolean
}

/** One line. */
export const usage = `npm run bench -- [${suiteNames.join('|')} …] [--device ${kinds.join('|')}] [--adapter NAME] [--full] [--save]`

/** @returns null where help is asked for @throws Error in one line for what is unknown */
export function readOptions(args: readonly string[]): BenchOptions | null {
  const { values, positionals } = parse(args)
  if (values.help) return null
  const names = positionals.length > 0 ? positionals : suiteNames
  const unknown = names.filter((name) => !(suiteNames as readonly string[]).includes(name))
  if (unknown.length > 0) {
    throw new Error(`bench: there is no suite ${unknown.join(', ')} (there are ${suiteNames.join(', ')})`)
  }
  const { device = kinds, adapter, full, save } = values
  const asked = [device].flat()
  const strange = asked.find((kind) => !(kinds as readonly string[]).includes(kind))
  if (strange !== undefined) throw new Error(`bench: --device is '${strange}' (${kinds.join(' or ')})`)
  return { names: names as SuiteName[], kinds: asked as BenchOptions['kinds'], adapter, full, save } // checked above
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        device: { type: 'string' },
        adapter: { type: 'string' },
        full: { type: 'boolean', default: false },
        save: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    })
  } catch (error) {
    // Node's advice on arguments that begin with a dash is of no use here.
    throw new Error(`bench: ${(error as Error).message.split('. ')[0]} (${usage})`)
  }
}
