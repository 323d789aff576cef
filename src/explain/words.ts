/** @file What every form of an explanation says in the same words. */
import { showShape } from '../core/shape.ts'
import type {
  BindingUse,
  CallExplanation,
  CodeLine,
  DispatchExplanation,
  Explained,
  Named,
  Place,
  Refused,
  SavedValue,
  Step,
  Touched,
} from './data.ts'

/** A name and a text. */
export type Fact = readonly [name: string, text: string]

const count = (n: number): string => n.toLocaleString('en-US')
const plural = (n: number, one: string): string => `${count(n)} ${one}${n === 1 ? '' : 's'}`

/** `x [4, 8]`; float32 goes without saying. */
const tensorText = ({ name, shape, dtype }: Named): string =>
  `${name} ${showShape(shape)}${dtype === 'float32' ? '' : ` ${dtype}`}`

const listed = (all: readonly Named[]): string => all.map(tensorText).join(', ') || '–'
export const placeText = ({ file, line }: Place): string => `${file}:${line}`

/** `softmax: x [4, 8] → y [4, 8]`. */
export const headOf = ({ name, inputs, outputs }: Explained): string =>
  `${name}: ${listed(inputs)} → ${listed(outputs)}`

/** What a call is called: its op, and in a gradient whose it is. */
export const callHead = ({ op, of, inputs, outputs }: CallExplanation): string => {
  const shapes = outputs.length > 0 ? `: ${listed(inputs)} → ${listed(outputs)}` : ''
  return `${op}${shapes}${of && of !== op ? `, in the gradient of ${of}` : ''}`
}

const savedText = (value: SavedValue): string => {
  const { bytes, readBy } = value
  const who = readBy.map((name) => `∂L/∂${name}`).join(' and ')
  return `${tensorText(value)}, ${plural(bytes, 'byte')}: ${who ? `${who} reads it` : 'its rule reads it'}`
}

/** Facts of a call, each a name and a text. */
export function callFacts({ formula, derivative, saved, attrs, source }: CallExplanation): Fact[] {
  const given = Object.entries(attrs).map(([name, value]) => `${name} = ${JSON.stringify(value)}`)
  return [
    ...(formula ? [['formula', formula] as Fact] : []),
    ...Object.entries(derivative).map(([name, text]): Fact => [`∂L/∂${name}`, text]),
    ...(given.length > 0 ? [['given', given.join(', ')] as Fact] : []),
    ...saved.map((value): Fact => ['saved', savedText(value)]),
    ...(source.place ? [['source', placeText(source.place)] as Fact] : []),
  ]
}

/** `not group: it is not expected to be faster here; it asks (p, facts) => …`. */
export const refusedText = ({ variant, reason, condition }: Refused): string =>
  `not ${variant}: ${reason}${condition ? `; its plan asks ${condition}` : ''}`

const valueText = (value: number | readonly number[]): string =>
  typeof value === 'number' ? String(value) : `[${value.join(', ')}]`
const pairs = (all: Readonly<Record<string, number | readonly number[]>>): string =>
  Object.entries(all)
    .map(([name, value]) => `${name} = ${valueText(value)}`)
    .join(', ') || 'none'

const bindingText = ({ name, binding, holds, dtype, length, bytes }: BindingUse): string => {
  const what = length === undefined ? holds : `${plural(length, 'element')} of ${dtype}`
  return `${binding} ${name}: ${what}, ${plural(bytes, 'byte')}`
}

/** Counts of one variable: how often, and how often for each element that is written. */
function touchedText({ name, space, reads, writes, atomics, ...rest }: Touched, outputs: number): string {
  const { bytesRead, bytesWritten, distinctRead, distinctWritten } = rest
  const per = (n: number) => (outputs > 0 ? ` (${Number((n / outputs).toPrecision(3))} per output)` : '')
  const of = (bytes: number, distinct: number) =>
    space === 'workgroup' ? `, ${count(bytes)} B` : `, ${count(bytes)} B, ${count(distinct)} B of them distinct`
  const parts = [
    ...(reads > 0 ? [`${plural(reads, 'read')}${per(reads)}${of(bytesRead, distinctRead)}`] : []),
    ...(writes > 0 ? [`${plural(writes, 'write')}${per(writes)}${of(bytesWritten, distinctWritten)}`] : []),
    ...(atomics > 0 ? [plural(atomics, 'atomic')] : []),
  ]
  return `${name}${space === 'storage' ? '' : ` (${space})`}: ${parts.join('; ')}`
}

const times = (sizes: readonly number[]): string =>
  sizes.slice(0, Math.max(1, sizes.findLastIndex((size) => size !== 1) + 1)).join('×')

/** Facts of a dispatch, each a name and a text. */
export function dispatchFacts(dispatch: DispatchExplanation): Fact[] {
  const { place, overrides, codes, params, bindings, groups, workgroup, threads, workgroupBytes, calls } = dispatch
  const { touched, outputs, flops, flopPerByte } = dispatch
  const size = workgroup[0] * workgroup[1] * workgroup[2]
  return [
    ['at', placeText(place)],
    ['overrides', `${pairs(overrides)}${codes.length > 0 ? `: ${codes.join(', ')}` : ''}`],
    ['params', pairs(params)],
    ...bindings.map((use): Fact => ['binding', bindingText(use)]),
    [
      'grid',
      `${times(groups)} × ${times(workgroup)} = ${plural(threads, 'thread')}, ${plural(size, 'thread')} a workgroup`,
    ],
    ...(workgroupBytes > 0 ? [['workgroup memory', plural(workgroupBytes, 'byte')] as Fact] : []),
    ...touched.map((one): Fact => ['touches', touchedText(one, outputs)]),
    ...(flops === undefined ? [] : [['FLOPs', flopText(flops, flopPerByte)] as Fact]),
    ...(calls.length > 0 ? [['calls', calls.map(({ name }) => name).join(', ')] as Fact] : []),
  ]
}

const flopText = (flops: number, perByte: number | undefined): string =>
  `${count(flops)}${perByte === undefined ? '' : `, ${Number(perByte.toPrecision(3))} per byte`}`

/** Letters of links, by the position of a line: `[a c]`. */
export function marksOf(dispatch: DispatchExplanation, column: 'wgsl' | 'twin' | 'source', position: number): string {
  const letters = dispatch.links.flatMap((link, i) => (link[column].includes(position) ? [letter(i)] : []))
  return letters.join(' ')
}

/** `a writes y, b LOG`. */
export const linksText = ({ links }: DispatchExplanation): string =>
  links.map(({ about }, i) => `${letter(i)} ${about}`).join(', ')

/** `reads x 32, writes y 8`, of a line. */
export const touchedAt = ({ reads, writes }: CodeLine): string =>
  [...reads.map((one) => `reads ${one}`), ...writes.map((one) => `writes ${one}`)].join(', ')

const does = { read: 'read', write: 'write', atomic: 'change at once' } as const

/** What threads do in a step, and how much memory that touches. */
export function stepText({ does: kind, buffer, bytes, phase, file, line, touches, lines }: Step): string {
  const who =
    touches.length === 1 ? `thread ${touches[0][0]} ${kind}s` : `${plural(touches.length, 'thread')} ${does[kind]}`
  const all = lines.reduce((sum, one) => sum + one, 0)
  const where =
    lines.length > 0 ? `; ${plural(all, 'line')} of 128 B, at most ${Math.max(...lines)} by 32 neighbours` : ''
  const after = phase > 0 ? `, after ${plural(phase, 'barrier')}` : ''
  return `${who} ${buffer}, ${bytes} B each, at ${file}:${line}${after}${where}`
}

/** a … z, then a1, b1, … */
const letter = (i: number): string => `${String.fromCharCode(97 + (i % 26))}${i >= 26 ? Math.floor(i / 26) : ''}`
