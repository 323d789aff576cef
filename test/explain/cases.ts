/** @file The first case of every op of the table, run where a spy sees what is dispatched, and explained. */
import type { Device } from '../../src/core/device.ts'
import { Philox } from '../../src/core/philox.ts'
import { openScope } from '../../src/core/scope.ts'
import { Tensor } from '../../src/core/tensor.ts'
import { grad } from '../../src/core/walk.ts'
import '../../src/methods.ts'
import type { CallExplanation, Explanation } from '../../src/explain/index.ts'
import { arrange } from '../table/run.ts'
import { type OpName, ops, table } from '../table/table.ts'

/** A dispatch in a line: `softmax/thread softmax_thread 1,1,1`. */
export type Line = string

/** What a first case calls. */
export const calledOf = (op: OpName): ((...x: Tensor[]) => unknown) =>
  table[op].cases[0].f ?? (ops[op] as (...x: Tensor[]) => unknown)

/** The inputs of a first case. */
export const inputsOf = (op: OpName, device: Device): Tensor[] =>
  table[op].cases[0].x.map((input, i) => {
    const dtype = input.kind === 'float' ? 'float32' : input.kind
    return arrange(input.draw(new Philox(i)), input.shape, 'contiguous', dtype, device)
  })

/** Run a first case forward and backward. @param seen  what was dispatched since it was last asked */
export async function run(
  op: OpName,
  device: Device,
  seen: () => Line[],
): Promise<{ forward: Line[]; backward: Line[] }> {
  using s = openScope()
  const xs = s.run(() => inputsOf(op, device).map((x) => (x.dtype === 'float32' ? x.detach().requiresGrad_() : x)))
  seen()
  const [given] = s.run(() => [calledOf(op)(...xs)])
  const ys = [await given].flat().filter((y): y is Tensor => y instanceof Tensor && y.edge !== null)
  const forward = seen()
  s.run(() => {
    const gradOutputs = ys.map(({ shape, numel }) =>
      arrange(new Float64Array(numel).fill(1), shape, 'contiguous', 'float32', device),
    )
    seen()
    const wanted = xs.filter(({ edge }) => edge)
    if (ys.length > 0) grad(ys, wanted, { gradOutputs, allowUnused: true })
  })
  return { forward, backward: seen() }
}

/** What an explanation says was dispatched. */
export const explained = ({ forward, backward }: Explanation): { forward: Line[]; backward: Line[] } => ({
  forward: forward.flatMap(linesOf),
  backward: backward.flatMap(linesOf),
})

const linesOf = ({ launches }: CallExplanation): Line[] =>
  launches.flatMap(({ kernel, variant, dispatches }) =>
    dispatches.map(({ entry, groups }) => `${kernel}/${variant} ${entry} ${groups}`),
  )
