/** @file `explain`: runs a function on the interpreter, and says what it computed, by which kernels, at what cost. */
import type { Device } from '../core/device.ts'
import { describe, fail, LimitError } from '../core/errors.ts'
import { Leaf } from '../core/graph.ts'
import type { Facts } from '../core/kernel.ts'
import { floats } from '../core/op.ts'
import { openScope } from '../core/scope.ts'
import { Tensor } from '../core/tensor.ts'
import { grad } from '../core/walk.ts'
import type { GraphNode } from '../inspect/graph.ts'
import type { FactsName } from '../interpreter/facts.ts'
import { faultText } from '../interpreter/faults.ts'
import { getRandomState, setRandomState } from '../ops/base/generator.ts'
import { aloneOf, Calls } from './calls.ts'
import type { CallExplanation, Explained, Named } from './data.ts'
import { toMarkdown } from './markdown.ts'
import { pageOf } from './page.ts'
import { functions } from './sources.generated.ts'
import { Copier, isPlain, type Target, targetOf, tensorsIn } from './target.ts'
import { toText } from './text.ts'
import { type Standing, Watched } from './watch.ts'

/** Options of {@link explain}, behind the inputs. */
export interface ExplainOptions extends Standing {
  /** Also the gradient, for cotangents of ones. Default: false. */
  backward?: boolean
}

/** What `explain` found: data, and ways to show them. */
export interface Explanation extends Explained {
  /** Everything in lines for a terminal. */
  toText(): string
  /** The same as Markdown. */
  toMarkdown(): string
  /** One HTML file that loads nothing, in which small launches can be played. */
  toHTML(): string
}

const optionNames = Object.keys({ backward: 0, facts: 0, force: 0, limit: 0, tuned: 0 } satisfies Record<
  keyof ExplainOptions,
  0
>)

/**
 * Say how something is computed: formula and derivative, what is saved, and of each launch the kernel and the reasons
 * for its variant, its dispatches with what they read and write, and the WGSL beside its CPU twin. It is run again for
 * that, on copies of the inputs, by the interpreter: small inputs tell as much as large ones.
 *
 *     console.log((await explain(softmax, x, { backward: true, facts: 'gpu32' })).toText())
 *
 * @param target  a function, whose inputs follow; a tensor, or a node of `inspect.graph` or of a recorded step: the op
 *   that made it
 * @param inputs  of the function; the last one may be the options of `explain`. Tensors may be on any device, and
 *   variants are chosen for that one unless `facts` names another
 * @throws HandgradError if the target is none of these, no op made it, or it gives no tensors; what the function throws
 */
export async function explain(
  target: Tensor | GraphNode | ((...inputs: never[]) => unknown),
  ...inputs: unknown[]
): Promise<Explanation> {
  const op = 'explain'
  const last = inputs.at(-1)
  const options = isOptions(last) ? last : {}
  // What was saved for backward is held until then.
  using s = openScope()
  const found = s.run(() => targetOf(op, target, isOptions(last) ? inputs.slice(0, -1) : inputs))
  const random = getRandomState()
  let explained: Explained
  try {
    explained = await run(op, found, options, true)
  } catch (error) {
    // Accesses of large dispatches are not told one by one.
    if (!(error instanceof LimitError)) throw error
    setRandomState(random)
    explained = await run(op, found, options, false)
  } finally {
    setRandomState(random)
  }
  return {
    ...explained,
    toText: () => toText(explained),
    toMarkdown: () => toMarkdown(explained),
    toHTML: () => pageOf(explained),
  }
}

/** Options of its own are told from a function's by their names. */
function isOptions(x: unknown): x is ExplainOptions {
  if (!isPlain(x)) return false
  const names = Object.keys(x)
  return names.length > 0 && names.every((name) => optionNames.includes(name))
}

async function run(op: string, target: Target, options: ExplainOptions, counted: boolean): Promise<Explained> {
  const { backward = false, ...standing } = options
  if (typeof backward !== 'boolean') fail(op, `backward is ${describe(backward)}`, 'give true or false')
  using s = openScope()
  const chosen = standingOf(standing, target.inputs)
  const watched = new Watched(chosen.standing, counted)
  const copier = new Copier(watched.device)
  const inputs: unknown[] = []
  for (const [i, one] of target.inputs.entries()) inputs.push(await copier.copy(one, nameOf(i, target)))
  const leaves = leavesOf(copier, target)
  const calls = new Calls(watched)
  try {
    calls.take()
    // In a list, so that a function may wait.
    const [given] = s.run(() => [target.f(...(inputs as never[]))])
    const outputs = tensorsIn(await given)
    const who = target.name || 'a function'
    if (outputs.length === 0 && !target.node) fail(op, `${who} gave ${describe(await given)}`, 'return tensors')
    const elsewhere = outputs.find(({ device }) => device !== watched.device)?.device.name
    if (elsewhere) fail(op, `${who} gave a tensor on ${elsewhere}`, 'give what it is made of as inputs')
    const forward = target.node ? [aloneOf(target.node)] : calls.take()
    const back = backward ? s.run(() => backwardOf(outputs, leaves, calls)) : []
    await watched.device.sync()
    // Functions made by others, as `exp` is, go by the one op that they call.
    const name = target.name || (forward.length === 1 ? forward[0].op : 'a function')
    const about = Object.hasOwn(functions, name) ? functions[name] : undefined
    const faults = watched.device.faults().map((fault) => `found by the interpreter: ${faultText(fault)}`)
    const uncounted = counted ? [] : ['a dispatch has more threads than are looked at: nothing is counted']
    return {
      name,
      about: about?.about ?? '',
      place: about ? { file: about.file, line: about.line } : null,
      facts: `${chosen.name}: ${factsText(watched.facts)}`,
      inputs: copier.copied.map(({ name, tensor }) => named(name, tensor)),
      outputs: outputs.map((y, i) => named(outputs.length > 1 ? `y${i}` : 'y', y)),
      forward,
      backward: back,
      notes: [...target.notes, ...copier.notes, ...uncounted, ...faults],
    }
  } finally {
    calls.stop()
    for (const { tensor } of copier.copied) tensor.dispose()
    watched.device.destroy()
  }
}

/** x, or a, b, c of several. */
function nameOf(i: number, { names, inputs }: Target): string {
  if (names) return names[i]
  const several = inputs.filter((one) => tensorsIn(one).length > 0).length > 1
  return several ? (['a', 'b', 'c'][i] ?? `input ${i}`) : 'x'
}

const named = (name: string, { shape, dtype }: Tensor): Named => ({ name, shape: [...shape], dtype })

/** The facts that were asked for; else those of the adapter that the inputs are on. */
function standingOf(standing: Standing, inputs: readonly unknown[]): { standing: Standing; name: string } {
  const { facts } = standing
  if (facts !== undefined) return { standing, name: typeof facts === 'string' ? facts : 'facts as given' }
  const on = tensorsIn(inputs).find(({ device }) => 'facts' in device)?.device
  if (!on) return { standing, name: 'gpu' satisfies FactsName }
  return { standing: { ...standing, facts: (on as Device & { facts: Facts }).facts }, name: on.name }
}

function factsText({ software, subgroupSize, maxThreads, maxWorkgroupBytes }: Facts): string {
  const lanes = subgroupSize > 0 ? `subgroups of ${subgroupSize}` : 'no subgroups'
  const groups = `workgroups of up to ${maxThreads} threads and ${maxWorkgroupBytes} bytes`
  return `${software ? 'a CPU as an adapter, ' : ''}${lanes}, ${groups}`
}

/** The inputs that get a gradient, as leaves. */
function leavesOf({ copied }: Copier, { wanted }: Target): Tensor[] {
  const smooth = copied.filter(({ name, tensor }) => floats.includes(tensor.dtype) && (wanted?.has(name) ?? true))
  const asked = smooth.filter(({ wantsGrad }) => wantsGrad)
  return (wanted || asked.length === 0 ? smooth : asked).map(({ tensor }) => {
    const { shape, dtype, device, id } = tensor
    tensor.setEdge({ source: new Leaf({ id, shape, dtype, device }), index: 0 })
    return tensor
  })
}

/** The walk back from all outputs that have a gradient. */
function backwardOf(outputs: readonly Tensor[], leaves: readonly Tensor[], calls: Calls): CallExplanation[] {
  const smooth = outputs.filter(({ edge }) => edge)
  if (smooth.length === 0 || leaves.length === 0) return []
  const gradOutputs = smooth.map(({ shape, dtype, device }) => {
    const ones = Tensor.alloc(device, dtype, shape, 'cotangent')
    device.write(ones.storage.block, new Float32Array(ones.numel).fill(1))
    return ones
  })
  calls.take()
  grad(smooth, leaves, { gradOutputs, allowUnused: true })
  return calls.take()
}
