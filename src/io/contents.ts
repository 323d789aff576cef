/**
 * @file What a checkpoint says of itself in the metadata of its file: read and held against the tensors that are there,
 * before any of them is read.
 */
import { describe, failFormat } from '../core/errors.ts'
import type { Checkpoint } from './checkpoint.ts'
import { listed, nameOf } from './given.ts'
import { quote } from './header.ts'
import { type TensorFile, withTensors } from './pieces.ts'
import { FORMAT, type Json, PACKAGE, tooMany, VERSION } from './state.ts'
import { unpack } from './unpack.ts'

/** As it is in the metadata, as JSON. */
export interface Contents extends Omit<Checkpoint, 'parts'> {
  readonly random: { readonly seed: number; readonly blocks: number; readonly words: number }
  /** The devices that tensors were on. */
  readonly devices: readonly string[]
  /** Which of them a tensor was on, where it was not the first. */
  readonly elsewhere: Readonly<Record<string, number>>
  readonly parts: Readonly<Record<string, { readonly class: string; readonly state: Json }>>
}

/** What the tensors of a file are for: the names that are asked for in a state, and as what. */
export type Uses = ReadonlyMap<string, 'tensor' | 'array'>

/** The contents, and of each part, and of what the program kept, the tensors that belong to it. */
export interface Read {
  readonly contents: Contents
  readonly uses: { readonly parts: Readonly<Record<string, Uses>>; readonly extra: Uses }
}

const isRecord = (x: unknown): x is Readonly<Record<string, unknown>> =>
  typeof x === 'object' && x !== null && !Array.isArray(x)
const isCount = (x: unknown): boolean => Number.isSafeInteger(x) && (x as number) >= 0

/**
 * The contents of a file.
 * @throws FormatError if it is none of a checkpoint, or of a newer layout, or its parts and its tensors do not agree
 */
export function readContents(op: string, path: string, { metadata, entries }: TensorFile): Read {
  const name = nameOf(path)
  const wrong = (what: string, todo = 'is it whole, and as saveCheckpoint wrote it?') =>
    failFormat(op, `${name}: ${what}`, todo)
  if (metadata.format !== FORMAT)
    wrong(
      `it is not a checkpoint, it has ${listed(entries.map((entry) => entry.name)) || 'nothing'}`,
      'loadSafetensors(path) reads tensors',
    )
  if (tooMany(metadata.state ?? '')) wrong('the state in its metadata has too many values')
  let found: unknown
  try {
    found = JSON.parse(metadata.state)
  } catch {
    wrong('the state in its metadata is not JSON')
  }
  const all = isRecord(found) ? found : {}
  if (metadata.version !== String(VERSION))
    wrong(
      `it is a checkpoint of layout ${quote(metadata.version ?? '')} by handgrad ${quote(String(all.handgrad))}, this is ${PACKAGE} and reads ${VERSION}`,
      'load it with that version',
    )
  const { epoch, step, random, devices, elsewhere, parts, handgrad } = all
  for (const [key, value] of Object.entries({ epoch, step, ...(isRecord(random) ? random : { random }) }))
    if (!isCount(value)) wrong(`${key} is ${describe(value)}`)
  if (!isRecord(random) || Object.keys(random).sort().join() !== 'blocks,seed,words') wrong('its random state is none')
  const text = (x: unknown): boolean => typeof x === 'string'
  if (!text(handgrad) || !Array.isArray(devices) || !devices.every(text)) wrong('it does not say where it was saved')
  if (
    !isRecord(elsewhere) ||
    !Object.values(elsewhere).every((i) => Array.isArray(devices) && isCount(i) && (i as number) < devices.length)
  )
    wrong('it does not say which device its tensors were on')
  if (!isRecord(parts)) wrong('it has no parts')

  const known = new Set(entries.map((entry) => entry.name))
  const usesOf = (state: unknown): Uses => {
    const uses = new Map<string, 'tensor' | 'array'>()
    unpack(op, name, state, (kind, tensor) => {
      // Each belongs to one place, so a small file cannot ask for a large state.
      if (!known.delete(tensor)) wrong(`tensor ${quote(tensor)} is not there, or twice in the state`)
      uses.set(tensor, kind)
      return new Float64Array(0)
    })
    return uses
  }
  const uses: Record<string, Uses> = {}
  for (const [name, part] of Object.entries(parts as object)) {
    if (!isRecord(part) || !text(part.class) || name === '__proto__') wrong(`part ${quote(name)} is none`)
    uses[name] = usesOf((part as { state: unknown }).state)
  }
  const metrics = unpack(op, name, all.metrics, () => wrong('a metric is not a number'))
  if (!isRecord(metrics) || !Object.values(metrics).every((x) => typeof x === 'number')) wrong('its metrics are none')
  const extra = usesOf(all.extra)
  if (known.size > 0) wrong(`${listed([...known])} belong to no part`)
  // What JSON gave has no type; each field was looked at above.
  return { contents: { ...all, metrics } as unknown as Contents, uses: { parts: uses, extra } }
}

/** What a checkpoint says of itself. */
export const readAbout = (op: string, path: string): Promise<Omit<Checkpoint, 'extra'>> =>
  withTensors(op, path, async (file) => {
    const { epoch, step, metrics, parts, handgrad } = readContents(op, path, file).contents
    return { epoch, step, metrics, parts: Object.keys(parts), handgrad }
  })
