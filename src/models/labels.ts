/** @file The labels of a classifier: what is given, and what a config.json says of them. */
import { describe, fail } from '../core/errors.ts'
import type { Json } from './config.ts'

/** What transformers calls labels that have no names. */
const unnamed = (count: number): string[] => Array.from({ length: count }, (_, i) => `LABEL_${i}`)

const isCount = (n: unknown): n is number => Number.isInteger(n) && (n as number) >= 0 && (n as number) <= 2 ** 20

/** What is wrong with names, if anything is. */
function faultOf(names: readonly unknown[]): string | null {
  const odd = names.findIndex((name) => typeof name !== 'string' || name === '')
  if (odd >= 0) return `label ${odd} is ${describe(names[odd])}`
  const again = names.findIndex((name, i) => names.indexOf(name) < i)
  if (again >= 0) return `labels ${names.indexOf(names[again])} and ${again} are both ${describe(names[again])}`
  return names.length < 2 ? `there ${names.length === 1 ? 'is 1 label' : 'are 0 labels'}` : null
}

/** Names of labels. @param given  names, or how many there are @throws HandgradError if there are fewer than two */
export function labelsOf(op: string, given: unknown): readonly string[] {
  if (!Array.isArray(given) && !isCount(given))
    fail(op, `labels is ${describe(given)}`, "give their number, or their names: ['good', 'bad']")
  const names: readonly unknown[] = isCount(given) ? unnamed(given) : given
  const fault = faultOf(names)
  if (fault) fail(op, fault, 'give two or more, each with a name of its own')
  return Object.freeze([...(names as readonly string[])]) // texts: they have no fault
}

/**
 * The labels of a config.json, by `id2label` and `num_labels`; two where it says nothing, as transformers has it.
 * @throws HandgradError if they are not two or more names, for 0, 1, 2 and so on
 */
export function readLabels(op: string, { id2label, num_labels }: Json): readonly string[] {
  const todo = 'give id2label two or more names, for 0, 1 and so on'
  if (num_labels !== undefined && !isCount(num_labels)) fail(op, `num_labels is ${describe(num_labels)}`, todo)
  if (id2label === undefined || id2label === null) return labelsOf(op, num_labels ?? 2)
  const table: Readonly<Record<string, unknown>> = typeof id2label === 'object' ? { ...id2label } : {}
  const count = Object.keys(table).length
  const lacking = Array.from({ length: count }, (_, i) => i).find((i) => !Object.hasOwn(table, String(i)))
  if (Array.isArray(id2label) || typeof id2label !== 'object') fail(op, `id2label is ${describe(id2label)}`, todo)
  if (lacking !== undefined) fail(op, `id2label has ${count} names, and none for ${lacking}`, todo)
  if (num_labels !== undefined && num_labels !== count)
    fail(op, `num_labels is ${num_labels}, and id2label has ${count} names`, todo)
  const names = Array.from({ length: count }, (_, i) => table[i])
  const fault = faultOf(names)
  if (fault) fail(op, `id2label: ${fault}`, todo)
  return labelsOf(op, names)
}

/**
 * What a config.json says of labels. transformers reads several texts at once only where it knows what rows are filled
 * up with, and takes them to end before that: an end of text, which stands in none.
 */
export const writtenLabels = (labels: readonly string[], eos: unknown): Json => ({
  ...{ problem_type: 'single_label_classification', pad_token_id: (Array.isArray(eos) ? eos[0] : eos) ?? null },
  id2label: Object.fromEntries(labels.map((label, i) => [i, label])),
  label2id: Object.fromEntries(labels.map((label, i) => [label, i])),
})
