/**
 * @file `handgrad fetch`: the files of a model, of a pinned revision, checked by size and SHA-256 before they are
 * there. Nothing else of the engine fetches a model.
 */
import { fail, nearest, shown } from '../core/errors.ts'
import { fetchChecked } from '../data/fetching.ts'
import { addressOf } from '../io/address.ts'
import { parseOptions } from './options.ts'

/** A file of a model: its name, bytes and SHA-256. */
type File = readonly [name: string, size: number, sha256: string]

/** A model as it was at a commit, which names no other bytes ever. */
export interface Model {
  readonly repository: string
  readonly revision: string
  /** Short ones first. */
  readonly files: readonly File[]
  /** The likeliest tokens that follow others, as transformers' own test has them. */
  readonly greedy?: { readonly prompt: readonly number[]; readonly ids: readonly number[] }
}

export const models: Readonly<Record<string, Model>> = {
  gpt2: {
    repository: 'openai-community/gpt2',
    revision: '607a30d783dfa663caf39e06633721c8d4cfcd7e',
    files: [
      ['config.json', 665, '0daed7749b4f02b8f76240d5444551d7b08712dab4d0adb8239c56ba823bb7b4'],
      ['merges.txt', 456_318, '1ce1664773c50f3e0cc8842619a93edc4624525b728b188a9e0be33b7726adc5'],
      ['vocab.json', 1_042_301, '196139668be63f3b5d6574427317ae82f612a97c5d1cdaf36ed2256dbf636783'],
      ['model.safetensors', 548_105_171, '248dfc3911869ec493c76e65bf2fcf7f615828b0254c12b473182f0f81d3a707'],
    ],
    greedy: {
      prompt: [464, 3290],
      ids: [373, 1043, 287, 257, 2214, 1474, 262, 16246, 286, 2688, 290, 2688, 27262, 13, 198, 198, 464, 3290],
    },
  },
}

const HUB = 'https://huggingface.co'

export const fetchOptions = {
  to: { value: 'DIR', help: 'folder for the files, made if needed' },
  hub: {
    value: 'URL',
    help: 'another server with the same paths; else the environment variable HF_ENDPOINT',
    standard: HUB,
  },
  help: { help: 'show this' },
} as const

export const fetchNotes = `Models: ${Object.keys(models).join(', ')}. What was cut off goes on where it was; files that are there and right are kept.`

/** Fetch what of a model's files is not there. @throws HandgradError at the first that cannot be had, or is another */
export async function fetchModel(model: Model, folder: string, hub: string): Promise<void> {
  const op = 'fetch'
  addressOf(op, 'the hub', hub)
  for (const [name, size, sha256] of model.files) {
    const url = new URL(hub) // its query stays behind the path
    url.pathname = `${url.pathname.replace(/\/*$/, '')}/${model.repository}/resolve/${model.revision}/${name}`
    await fetchChecked(
      url.href,
      { folder, name, size, sha256, replace: false, progress: true },
      op,
      'give --hub, the URL of a mirror, or copy the file there yourself',
    )
  }
}

export async function fetchFiles([name, ...args]: readonly string[]): Promise<void> {
  const op = 'fetch'
  if (name === undefined || name.startsWith('--'))
    fail(op, 'which model?', `handgrad fetch gpt2 --to gpt2; there are ${Object.keys(models).join(', ')}`)
  const { to, hub } = parseOptions(op, fetchOptions, args)
  if (!Object.hasOwn(models, name)) {
    const near = nearest(name, Object.keys(models))
    fail(op, `there is no model '${shown(name)}'`, near ? `did you mean ${near}?` : `there are ${Object.keys(models)}`)
  }
  if (to === undefined) fail(op, 'where to?', `handgrad fetch ${name} --to DIR`)
  const model = models[name]
  await fetchModel(model, to, hub ?? (process.env['HF_ENDPOINT'] || HUB))
  console.log(`${name} is in ${to}, ${model.files.length} files as of revision ${model.revision.slice(0, 12)}`)
}
