/** @file A folder of an adapter, as PEFT has it: adapter_model.safetensors and adapter_config.json. */
import { describe, fail, shown } from '../core/errors.ts'
import type { Tensor } from '../core/tensor.ts'
import { type Beside, makeFolder, nodeFiles, writeBeside } from '../io/files.ts'
import { checkPath, listed, nameOf } from '../io/given.ts'
import { openSafetensors, type SafetensorsFile } from '../io/index.ts'
import { JSON_LIMIT, parseJson } from '../io/json.ts'
import { placeOf } from '../io/place.ts'
import { writeTensors } from '../io/stream.ts'
import { isEmpty, type Json } from '../models/config.ts'

const [WEIGHTS, CONFIG] = ['adapter_model.safetensors', 'adapter_config.json']

/** An adapter's files, of whose tensors only the header was read. */
export interface AdapterFiles {
  /** As errors say it. */
  readonly name: string
  readonly json: Json
  readonly file: SafetensorsFile
}

/**
 * Open the folder of an adapter, or what lies behind a URL.
 * @param type  the `peft_type` that is read
 * @throws HandgradError if a file cannot be read, or is of an adapter of another type; FormatError if it is damaged
 */
export async function openAdapter(op: string, folder: string | URL, type: string): Promise<AdapterFiles> {
  const place = await placeOf(op, folder, 'give the folder of an adapter')
  const bytes = await place.read(CONFIG, JSON_LIMIT)
  if (!bytes) fail(op, `${place.name} has no ${CONFIG}`, 'is it the folder of an adapter?')
  const json = parseJson(op, CONFIG, bytes)
  if (typeof json !== 'object' || json === null || Array.isArray(json))
    fail(op, `${CONFIG} is ${describe(json)}`, 'it should be an object')
  const { peft_type } = json as Json
  if (peft_type !== type) fail(op, `${CONFIG} has peft_type ${describe(peft_type)}`, `it should be '${type}'`)
  return { name: place.name, json: json as Json, file: await openSafetensors(within(op, place.folder)) }
}

/**
 * Refuse what a configuration says that would change results.
 * @param known  values that are harmless, by key
 */
export function refuseOthers(op: string, json: Json, known: Readonly<Record<string, readonly unknown[]>>): void {
  const odd = Object.entries(json).flatMap(([key, value]): string[] => {
    // Switches that are not known yet: what they do cannot be harmless.
    const harmless = known[key] ?? (key.startsWith('use_') ? [false] : undefined)
    return !harmless || isEmpty(value) || harmless.includes(value) ? [] : [`${key} is ${shown(JSON.stringify(value))}`]
  })
  if (odd.length > 0) fail(op, listed(odd), 'adapters of this kind are not read')
}

/** The file of weights in a folder, or behind the URL of one, whose query stays. */
function within(op: string, folder: string): string {
  if (!/^https?:/i.test(folder)) return nodeFiles(op).path.join(folder, WEIGHTS)
  const url = new URL(folder)
  url.pathname += WEIGHTS
  return url.href
}

/**
 * Write the folder of an adapter. Both files are written under temporary names before the first is put in place.
 * @param folder  made if it is not there
 * @throws HandgradError if a file cannot be written; what was there is untouched then
 */
export async function writeAdapter(
  op: string,
  folder: string,
  tensors: Readonly<Record<string, Tensor>>,
  config: Json,
): Promise<void> {
  checkPath(op, folder)
  if (folder.endsWith('.safetensors')) fail(op, `${nameOf(folder)} is the name of a file`, 'give a folder')
  const { path } = nodeFiles(op)
  const written: Beside[] = []
  const beside = async (name: string, bytes: Uint8Array | AsyncIterable<Uint8Array>): Promise<void> => {
    await makeFolder(op, folder)
    written.push(await writeBeside(op, path.join(folder, name), bytes))
  }
  try {
    // Tensors are read at once: what follows the call may change them.
    await writeTensors(op, (pieces) => beside(WEIGHTS, pieces), tensors, { format: 'pt' }, {})
    // Keys in order, as PEFT writes them.
    const sorted = Object.fromEntries(Object.entries(config).sort(([a], [b]) => (a < b ? -1 : 1)))
    await beside(CONFIG, new TextEncoder().encode(`${JSON.stringify(sorted, null, 2)}\n`))
    for (const file of written) await file.place()
  } catch (error) {
    for (const file of written) await file.drop()
    throw error
  }
}
