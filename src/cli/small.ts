/**
 * @file Before a kernel of one's own is timed it is run in the interpreter, at a small size: what has faults is not
 * worth timing. Loaded when it is needed.
 */
import { filled } from '../bench/own/fill.ts'
import { layoutOf } from '../bench/own/guarded.ts'
import { smallPlans } from '../bench/own/small.ts'
import type { Files, OwnSpec, Plan, Planned } from '../bench/own/spec.ts'
import { pack } from '../bench/own/types.ts'
import { uniformBytes } from '../bench/own/uniform.ts'
import { fail } from '../core/errors.ts'
import type { Facts } from '../core/kernel.ts'
import { alone } from '../interpreter/alone.ts'
import { define, memoryOf } from '../interpreter/memory.ts'
import type { Memory } from '../interpreter/program.ts'
import { WgslError } from '../wgsl/index.ts'
import { Marked, printFaults } from './marked.ts'

/** Steps that a thread may take: at a small size far more than any does. */
const LIMIT = 10_000_000

/**
 * Look for faults, in each plan of a sweep.
 * @returns what is to be said of it
 * @throws HandgradError if there are some, which are printed
 */
export function refuseFaults(spec: OwnSpec, files: Files, checked: boolean, facts: Facts): string {
  const plans = smallPlans(spec, files, checked)
  if (!plans) return 'not looked for faults: too large for the interpreter (name its sizes by --param, or in shapes)'
  const { file, code: text } = spec
  for (const plan of plans) {
    const { entry } = plan.declared
    try {
      const kernel = alone('bench', [{ file, text }], entry.name, { facts, constants: plan.constants })
      const { faults } = kernel.run({ groups: plan.grid, memory: memoryFor(plan, files), limit: LIMIT })
      if (faults.length === 0) continue
      printFaults(faults, new Marked(text))
    } catch (error) {
      // The device's compiler has the last word, and says it in a moment.
      if (error instanceof WgslError) return `not looked for faults: ${error.message}`
      throw error
    }
    const which = plan.variant ? ` with ${plan.variant}` : ''
    fail('bench', `${entry.name}${which} has the faults above, and is not timed`, 'mend them, or give --no-faults')
  }
  const sizes = plans[0].buffers.map(({ bind, shape }) => `${bind.name} ${shape.join('x')}`).join(', ')
  return `no faults in the interpreter${sizes && `, on ${sizes}`}`
}

function memoryFor({ buffers, uniforms, params }: Plan, files: Files): Map<string, Memory> {
  const storage = buffers.map((planned): [string, Memory] => [planned.bind.name, memoryOfBuffer(planned, files)])
  const others = uniforms.map((one): [string, Memory] => [one.name, memoryWith(uniformBytes(one, params))])
  return new Map([...storage, ...others])
}

function memoryOfBuffer(planned: Planned, files: Files): Memory {
  const { bind, variable, count } = planned
  const { scalar } = variable.element
  if (bind.role === 'out') return memoryWith(layoutOf(planned).data)
  const numbers = (bind.path === undefined ? undefined : files.get(bind.path)?.data) ?? filled(bind, count, scalar)
  return memoryWith(pack(variable.element, numbers))
}

/** A buffer of these bytes; of a number, so many that nothing was written to. */
function memoryWith(given: Uint8Array | number): Memory {
  const bytes = typeof given === 'number' ? given : given.length
  const memory = memoryOf(bytes, true, 4 * Math.ceil(bytes / 4))
  if (typeof given === 'number') return memory
  new Uint8Array(memory.buffer).set(given)
  define(memory, 0, memory.buffer.byteLength)
  return memory
}
