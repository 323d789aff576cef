/** @file An optimizer's memory in PyTorch's layout: its types, groups as saved, and cut in two for files. */
import { describe, fail, failOption, HandgradError } from '../core/errors.ts'
import { Tensor } from '../core/tensor.ts'
import { eachOption, type LiveGroup } from './group.ts'
import { snake, type Values } from './options.ts'
import type { OptionRule } from './rule.ts'

/** Options of a group by PyTorch's names, and in `params` the positions of its parameters. */
export type SavedGroup = { readonly params: readonly number[] } & Readonly<
  Record<string, number | boolean | string | null | readonly number[]>
>

/** What is remembered of a parameter, by PyTorch's names: `step`, `exp_avg`. null: nothing. */
export type ParameterState = Readonly<Record<string, number | Tensor | null>>

/**
 * An optimizer's memory, in PyTorch's layout: of each parameter that has taken a step, by its position, and the groups.
 * Numbers are JSON; {@link splitState} cuts tensors out, for a safetensors file.
 */
export interface OptimizerState {
  readonly state: Readonly<Record<number, ParameterState>>
  readonly param_groups: readonly SavedGroup[]
}

/** A state without its tensors, which is JSON. */
export interface StateNumbers {
  readonly state: Readonly<Record<number, Readonly<Record<string, number | null>>>>
  readonly param_groups: readonly SavedGroup[]
}

/**
 * A state as tensors by name, `0.exp_avg`, for `io.saveSafetensors`, and numbers as JSON.
 * @throws HandgradError if it is not the state of an optimizer
 */
export function splitState(state: OptimizerState): { tensors: Record<string, Tensor>; numbers: StateNumbers } {
  checkState('splitState', state)
  const tensors: Record<string, Tensor> = {}
  const numbers: Record<string, Record<string, number | null>> = {}
  for (const [index, own] of Object.entries(state.state)) {
    numbers[index] = {}
    for (const [name, value] of Object.entries(own)) {
      if (value instanceof Tensor) tensors[`${index}.${name}`] = value
      else numbers[index][name] = value
    }
  }
  return { tensors, numbers: { state: numbers, param_groups: state.param_groups } }
}

/**
 * What {@link splitState} cut in two, whole again.
 * @throws HandgradError if the numbers are not of a state, or a tensor's name is not `position.name`
 */
export function joinState(tensors: Readonly<Record<string, Tensor>>, numbers: StateNumbers): OptimizerState {
  const op = 'joinState'
  checkState(op, numbers)
  if (typeof tensors !== 'object' || tensors === null)
    fail(op, `the tensors are ${describe(tensors)}`, 'give tensors by name')
  const state: Record<string, Record<string, number | Tensor | null>> = {}
  for (const [index, own] of Object.entries(numbers.state)) state[index] = { ...own }
  for (const [key, value] of Object.entries(tensors)) {
    const [, index, name] = /^(\d+)\.(.+)$/.exec(key) ?? fail(op, `a tensor's name is '${key}'`, "'0.exp_avg', say")
    state[index] ??= {}
    state[index][name] = value
  }
  return { state, param_groups: numbers.param_groups }
}

/** @throws HandgradError if something has not the layout of a state */
export function checkState(op: string, dict: OptimizerState | StateNumbers): void {
  const isObject = (x: unknown): boolean => typeof x === 'object' && x !== null
  const { state, param_groups } = dict ?? {}
  if (!isObject(state) || !Object.values(state).every(isObject) || !Array.isArray(param_groups))
    fail(op, `${describe(dict)} is not the state of an optimizer`, 'give what stateDict() gave')
}

/** Faults of one call, thrown at once. */
export class Faults {
  private readonly texts: string[] = []
  private readonly op: string

  constructor(op: string) {
    this.op = op
  }

  /** What f gives, or undefined where it throws a HandgradError in the name of the call. */
  try<T>(f: () => T): T | undefined {
    try {
      return f()
    } catch (error) {
      if (!(error instanceof HandgradError)) throw error
      this.texts.push(error.message.slice(`${this.op}: `.length))
      return undefined
    }
  }

  /** @throws HandgradError with all of them, if there are any */
  end(): void {
    if (this.texts.length > 0) fail(this.op, this.texts.join('; '))
  }
}

/** How PyTorch runs a step, and what its schedules leave: nothing to restore here. */
const passedOver = ['foreach', 'capturable', 'differentiable', 'fused', 'initial_lr']

/** Groups as saved. */
export const saveGroups = <Options>(groups: readonly LiveGroup<Options>[]): SavedGroup[] =>
  groups.map(({ group: { params: _, ...options }, indices }) => {
    const saved = Object.entries(options).map(([name, value]) => [
      snake(name),
      typeof value === 'string' ? snake(value) : value,
    ])
    return { ...Object.fromEntries(saved), params: [...indices] }
  })

/**
 * Look saved groups through. What they do not name stays as it is here.
 * @returns sets the options of the groups to what was saved
 */
export function readGroups<Options>(
  op: string,
  rule: OptionRule<Options>,
  groups: readonly LiveGroup<Options>[],
  saved: readonly SavedGroup[],
  faults: Faults,
): () => void {
  if (saved.length !== groups.length)
    fail(op, `the number of groups is ${saved.length} in the state, ${groups.length} here`, 'make the same groups')
  const setters = groups.map((group, i) => faults.try(() => readGroup(op, rule, group, i, saved, faults)))
  return () => {
    for (const set of setters) set?.()
  }
}

function readGroup<Options>(
  op: string,
  rule: OptionRule<Options>,
  { group, indices, cells }: LiveGroup<Options>,
  i: number,
  all: readonly SavedGroup[],
  faults: Faults,
): () => void {
  const saved = all[i]
  const which = all.length > 1 ? `group ${i}: ` : ''
  if (typeof saved !== 'object' || saved === null) fail(op, `${which}the group is ${describe(saved)}`)
  if (String(saved.params) !== String(indices))
    fail(op, `group ${i} has parameters [${saved.params}] in the state, [${indices}] here`, 'make the same groups')
  const table = eachOption(rule)
  const known = table.map(([name]) => snake(name))
  for (const name of Object.keys(saved)) {
    if (name === 'params' || known.includes(name) || passedOver.includes(name)) continue
    faults.try(() => failOption(op, name, known))
  }
  const values: Record<string, unknown> = {}
  const changes: [name: string, numbers: readonly number[]][] = []
  for (const [name, option] of table) {
    const [theirs, own] = [saved[snake(name)], group[name as keyof typeof group]]
    values[name] = own
    if (theirs === undefined) continue
    faults.try(() => {
      const numbers = option.numbers(op, name, theirs)
      const kept = numbers.map(Boolean).join() === option.numbers(op, name, own).map(Boolean).join()
      if (option.fixed && !kept) fail(op, `${which}${name} was ${theirs}, this optimizer's is ${own}`)
      changes.push([name, numbers])
      values[name] = option.value(numbers)
    })
  }
  // Every option of the table has a value.
  rule.check?.(op, values as Values<Options>)
  return () => {
    for (const [name, numbers] of changes)
      cells.get(name)?.forEach((cell, k) => {
        cell.value = numbers[k]
      })
  }
}
