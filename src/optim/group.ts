/**
 * @file Groups of parameters that have their own options, as PyTorch's `param_groups`: reading what a constructor was
 * given, and the live cells that keep a group's numbers. What a step does with them is in optimizer.ts.
 */
import { describe, fail } from '../core/errors.ts'
import { Live } from '../core/kernel.ts'
import { Tensor } from '../core/tensor.ts'
import { optionsOf } from '../ops/base/options.ts'
import { checkParam, checkRate, listOf } from './checks.ts'
import type { Option, Values } from './options.ts'
import type { OptionRule } from './rule.ts'

/** Parameters, and those options that differ from the optimizer's. */
export type GroupOptions<Options> = { readonly params: Iterable<Tensor> } & Options

/** What an optimizer is made for: `model.parameters()`, a list of leaf tensors, or groups of them. */
export type OptimizerParams<Options> = Iterable<Tensor> | Iterable<GroupOptions<Options>>

/** Parameters with options of their own. A changed option holds from the next step on. */
export type Group<Options> = { readonly params: readonly Tensor[] } & Values<Options>

/** A group with its cells. */
export interface LiveGroup<Options> {
  readonly group: Group<Options>
  /** Positions of the parameters among all of the optimizer's. */
  readonly indices: readonly number[]
  /** Of each option, in the order of the table. */
  readonly cells: ReadonlyMap<string, readonly Live[]>
}

type Given = Readonly<Record<string, unknown>>

/** The table without the types of its values: code that treats all options alike. */
export const eachOption = <Options>({ options }: OptionRule<Options>): [string, Option<unknown>][] =>
  Object.entries(options) as [string, Option<unknown>][]

/**
 * The groups of a constructor's arguments.
 * @throws HandgradError if an option is unknown or out of range, or the parameters are not leaf tensors, each given
 *   once
 */
export function makeGroups<Options extends object>(
  rule: OptionRule<Options>,
  params: OptimizerParams<Options>,
  options: Options,
): LiveGroup<Options>[] {
  const { name } = rule
  const initial = Object.fromEntries(eachOption(rule).map(([option, { initial }]) => [option, initial]))
  checkRate(name, options)
  const shared = optionsOf<Given, Given>(name, options as Given, initial)
  const list = listOf(name, params)
  const groups = list.some(isGroup)
    ? list.map((entry, i) => groupOf(name, entry, i, shared))
    : [{ params: list, values: shared }]
  const all = groups.flatMap((group) => group.params)
  if (all.length === 0) fail(name, 'there are no parameters', 'give model.parameters(), or a list of tensors')
  all.forEach((_, i) => checkParam(name, all, i))
  let first = 0
  return groups.map(({ params, values }) => {
    const indices = params.map((_, i) => first + i)
    first += params.length
    return liveGroup(rule, params as Tensor[], indices, values)
  })
}

const isGroup = (x: unknown): x is GroupOptions<object> =>
  typeof x === 'object' && x !== null && !(x instanceof Tensor) && 'params' in x

function groupOf(name: string, entry: unknown, i: number, shared: Given): { params: unknown[]; values: Given } {
  if (!isGroup(entry)) fail(name, `group ${i} is ${describe(entry)}`, 'give { params, lr } for each, or tensors only')
  const { params, ...own } = entry
  return { params: listOf(name, params), values: optionsOf<Given, Given>(name, own, shared) }
}

/** An option's value as its numbers, which the table of an own rule may get wrong. */
function numbersOf(op: string, name: string, option: Option<unknown>, value: unknown): readonly number[] {
  const numbers: unknown = option.numbers(op, name, value)
  const count = option.names.length
  if (!Array.isArray(numbers) || numbers.length !== count || !numbers.every((x) => typeof x === 'number'))
    fail(op, `the option ${name} gave ${describe(numbers)} for its numbers`, `give a list of ${count}`)
  return numbers
}

function liveGroup<Options>(
  rule: OptionRule<Options>,
  params: readonly Tensor[],
  indices: readonly number[],
  values: Given,
): LiveGroup<Options> {
  const cells = new Map<string, readonly Live[]>()
  const group = Object.defineProperty({}, 'params', { enumerable: true, value: params }) as Group<Options>
  for (const [name, option] of eachOption(rule)) {
    const numbers = numbersOf(rule.name, name, option, values[name])
    const own = numbers.map((x) => new Live(x))
    cells.set(name, own)
    Object.defineProperty(group, name, {
      enumerable: true,
      get: () => option.value(own.map((cell) => cell.value)),
      set: (value: unknown) => {
        const changed = numbersOf(name, name, option, value)
        rule.check?.(name, { ...group, [name]: value } as Values<Options>)
        changed.forEach((x, i) => {
          own[i].value = x
        })
      },
    })
  }
  rule.check?.(rule.name, group)
  // A misspelt option is an error, not a property more.
  Object.preventExtensions(group)
  return { group, indices, cells }
}
