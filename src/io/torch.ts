/**
 * @file Names between PyTorch's state dicts and ours. They are the same where the layers are; what differs in a model
 * of one's own, or in how it was wrapped, is said once and holds in both directions.
 */
import { describe, fail } from '../core/errors.ts'
import { Tensor } from '../core/tensor.ts'
import { optionsOf } from '../ops/base/options.ts'
import { transpose } from '../ops/index.ts'
import { checkRecord, checkText, listed, nameOf } from './given.ts'

/** How names and matrices there differ from those here. `*` in a pattern stands for one step of a name. */
export interface TorchMap {
  /** What all names there begin with: `module.` of DataParallel, `transformer.`; default ''. */
  readonly prefix?: string
  /**
   * First steps of names there, behind the prefix, and what they are here: `{ 'h.*.attn.c_attn': 'blocks.*.qkv' }`. The
   * first that fits counts; other names stay. As many `*` on both sides.
   */
  readonly rename?: Readonly<Record<string, string>>
  /** Names here of matrices that lie transposed there, as those of GPT-2's Conv1D do. */
  readonly transposed?: readonly string[]
  /** First steps of names there that have no place here, such as masks; not given back by `toTorch`. */
  readonly drop?: readonly string[]
}

type Dict = Readonly<Record<string, Tensor>>

/** Whether the first steps of a name fit a pattern: what `*` stands for, and the rest. */
function matched(pattern: string, name: string): { stars: string[]; rest: string } | undefined {
  const [steps, own] = [pattern.split('.'), name.split('.')]
  if (own.length < steps.length || steps.some((step, i) => step !== '*' && step !== own[i])) return undefined
  return {
    stars: own.filter((_, i) => steps[i] === '*'),
    rest: own
      .slice(steps.length)
      .map((step) => `.${step}`)
      .join(''),
  }
}

/** What a name becomes by the first rule that fits. */
function renamed(name: string, rules: readonly (readonly [from: string, to: string])[], used: Set<string>): string {
  for (const [from, to] of rules) {
    const found = matched(from, name)
    if (!found) continue
    used.add(from)
    let i = 0
    return to.replace(/\*/g, () => found.stars[i++]) + found.rest
  }
  return name
}

function checkMap(op: string, map: TorchMap | undefined) {
  const { prefix, rename, transposed, drop } = optionsOf(op, map, { prefix: '', rename: {}, transposed: [], drop: [] })
  checkText(op, 'prefix', prefix)
  checkRecord(op, 'rename', rename, "give names here by names there: { 'h.*': 'blocks.*' }")
  const stars = (text: string) => text.split('*').length - 1
  for (const [from, to] of Object.entries(rename)) {
    checkText(op, `rename ${nameOf(from)}`, to)
    if (stars(from) !== stars(to)) fail(op, `rename ${nameOf(from)} to ${nameOf(to)}: the numbers of * differ`)
  }
  for (const [name, list] of Object.entries({ transposed, drop }))
    if (!Array.isArray(list) || !list.every((x) => typeof x === 'string'))
      fail(op, `${name} is ${describe(list)}`, 'give a list of names')
  return { prefix, rules: Object.entries(rename), transposed, drop }
}

/** The tensors of a dict under other names, those that fit one of `turned` transposed. */
function mapped(
  op: string,
  dict: Dict,
  turned: readonly string[],
  here: (name: string) => string,
  to: (name: string) => string | undefined,
  used: Set<string>,
): Record<string, Tensor> {
  checkRecord(op, 'the weights', dict, 'give tensors by name, as stateDict() and loadSafetensors(path) do')
  const y: Record<string, Tensor> = {}
  for (const [name, x] of Object.entries(dict)) {
    const other = to(name)
    if (other === undefined) continue
    if (!(x instanceof Tensor)) fail(op, `${nameOf(name)} is ${describe(x)}`, 'give tensors')
    if (Object.hasOwn(y, other)) fail(op, `two tensors would be named ${nameOf(other)}`, 'rename one of them')
    const pattern = turned.find((pattern) => matched(pattern, here(other))?.rest === '')
    if (pattern !== undefined) {
      used.add(pattern)
      if (x.ndim !== 2) fail(op, `${nameOf(name)} has ${x.ndim} dims`, 'matrices are transposed')
    }
    y[other] = pattern === undefined ? x : transpose(x, 0, 1)
  }
  return y
}

function checkUsed(op: string, patterns: readonly string[], used: ReadonlySet<string>, names: readonly string[]): void {
  const idle = patterns.filter((pattern) => !used.has(pattern))
  if (idle.length > 0) fail(op, `${listed(idle)} fit no name`, `there are ${listed(names) || 'none'}`)
}

/**
 * Weights of PyTorch under the names that a model has here, for `model.loadStateDict`.
 * ```ts
 * const gpt2 = { prefix: 'transformer.', rename: { 'h.*': 'blocks.*' }, transposed: ['blocks.*.mlp.c_fc.weight'] }
 * model.loadStateDict(io.fromTorch(await io.loadSafetensors('gpt2.safetensors'), gpt2))
 * ```
 * @param weights         by PyTorch's names
 * @param map.prefix      what all names there begin with, such as `module.`
 * @param map.rename      names there, and what they are here; `*` is one step
 * @param map.transposed  names here of matrices that lie transposed there
 * @param map.drop        names there that have no place here
 * @returns the tensors themselves, or views of them
 * @throws HandgradError if a name lacks the prefix, two would be one, or a part of the map fits no name
 */
export function fromTorch(weights: Dict, map?: TorchMap): Record<string, Tensor> {
  const op = 'fromTorch'
  const { prefix, rules, transposed, drop } = checkMap(op, map)
  const used = new Set<string>()
  const to = (name: string): string | undefined => {
    if (!name.startsWith(prefix))
      fail(op, `${nameOf(name)} does not begin with ${nameOf(prefix)}`, 'drop is behind the prefix')
    const own = name.slice(prefix.length)
    const gone = drop.find((pattern) => matched(pattern, own))
    if (gone === undefined) return renamed(own, rules, used)
    used.add(gone)
    return undefined
  }
  const y = mapped(op, weights, transposed, (name) => name, to, used)
  checkUsed(op, [...rules.map(([from]) => from), ...transposed, ...drop], used, Object.keys(weights))
  return y
}

/**
 * Weights of a model under PyTorch's names: the contrary of {@link fromTorch} with the same map.
 * @param weights         by the names here: `model.stateDict()`
 * @param map.prefix      what all names there begin with
 * @param map.rename      names there, and what they are here
 * @param map.transposed  names here of matrices that lie transposed there
 * @param map.drop        passed over
 * @returns the tensors themselves, or views of them
 * @throws HandgradError if two names would be one, or a part of the map fits no name
 */
export function toTorch(weights: Dict, map?: TorchMap): Record<string, Tensor> {
  const op = 'toTorch'
  const { prefix, rules, transposed } = checkMap(op, map)
  const used = new Set<string>()
  const back = rules.map(([there, here]) => [here, there] as const)
  const names = new Map<string, string>()
  const to = (name: string): string => {
    const other = prefix + renamed(name, back, used)
    names.set(other, name)
    return other
  }
  const y = mapped(op, weights, transposed, (other) => names.get(other) ?? other, to, used)
  checkUsed(op, [...back.map(([from]) => from), ...transposed], used, Object.keys(weights))
  return y
}
