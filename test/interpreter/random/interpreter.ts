/** @file Runs random programs in the interpreter. */
import { makeProgram } from '../../../src/interpreter/code/index.ts'
import type { Finding } from '../../../src/interpreter/faults.ts'
import type { Memory } from '../../../src/interpreter/program.ts'
import { compile, type Module } from '../../../src/wgsl/index.ts'
import type { Outcome } from './adapters.ts'
import type { Batch } from './programs.ts'

export interface Way {
  /** Look for faults, of which these programs have none. */
  readonly checked: boolean
  readonly reversed: boolean
  /** Which products are fused with sums; none unless given. */
  readonly contract?: number
}

/** @throws WgslError where the front end refuses the text */
export const compiled = ({ text }: Batch): Module => compile([{ file: 'random.wgsl', text }])

/** @throws where a thread does not end, or a fault is found */
export function interpret(batch: Batch, module: Module, { checked, reversed, contract }: Way): Exclude<Outcome, Error> {
  const program = makeProgram(module, 'main', { constants: batch.constants, contract })
  const memory = new Map(
    batch.bindings.map(({ binding, data, kind }): [number, Memory] => {
      const buffer = data.slice(0)
      const marks = new Uint8Array(buffer.byteLength / 4)
      return [binding, { buffer, bytes: buffer.byteLength, undefined: marks, tensor: kind === 'written' }]
    }),
  )
  const found: Finding[] = []
  const ended = program.run({
    groups: batch.groups,
    memory,
    order: { reversed, seed: 1 },
    limit: 1_000_000,
    checked,
    subgroupSize: 4,
    observers: [],
    found: (finding) => found.push(finding),
  })
  const [first] = found
  if (first)
    throw new Error(`line ${first.line}: ${first.kind}: ${first.what} in\n${batch.text.split('\n')[first.line - 1]}`)
  if (!ended) throw new Error('a thread was stopped')
  return new Map(
    batch.bindings
      .filter(({ kind }) => kind === 'written')
      .map(({ binding }) => [binding, memory.get(binding)!.buffer]),
  )
}
