/** @file Where files that belong together are: a folder, or a URL that they lie behind. */
import { fail } from '../core/errors.ts'
import { addressOf } from './address.ts'
import { hasFiles, nodeFiles, readWhole, reasonOf } from './files.ts'
import { checkPath, nameOf } from './given.ts'

/** A folder, or what stands for one behind a URL. */
export interface Place {
  /** As errors say it. */
  readonly name: string
  /** As `openSafetensors` takes it. */
  readonly folder: string
  /**
   * All of a file; undefined where there is none.
   * @throws HandgradError if it cannot be read; FormatError if it has more than `most` bytes
   */
  read(file: string, most: number): Promise<Uint8Array | undefined>
}

/** A path on disk, or a URL: what a page calls a path is a URL beside it. */
export function whereIs(op: string, source: string | URL): { readonly path: string } | { readonly url: string } {
  if (source instanceof URL && source.protocol === 'file:') return { path: nodeFiles(op).url.fileURLToPath(source) }
  if (source instanceof URL || /^https?:/i.test(source)) return { url: String(source) }
  const inPage = !hasFiles() && typeof location !== 'undefined'
  return inPage ? { url: new URL(source, location.href).href } : { path: source }
}

/**
 * The place that a user names.
 * @param todo  what to do where a folder cannot be read
 * @throws HandgradError if it is none, or a folder that cannot be read
 */
export async function placeOf(op: string, source: string | URL, todo: string): Promise<Place> {
  if (!(source instanceof URL)) checkPath(op, source)
  const where = whereIs(op, source)
  return 'url' in where ? behind(op, where.url) : inFolder(op, where.path, todo)
}

async function inFolder(op: string, folder: string, todo: string): Promise<Place> {
  const { fs, path } = nodeFiles(op)
  const name = nameOf(folder)
  const there = await fs
    .readdir(folder)
    .catch((error: unknown) => fail(op, `cannot read ${name}, ${reasonOf(error)}`, todo))
  const read = async (file: string, most: number) =>
    there.includes(file) ? readWhole(op, path.join(folder, file), most) : undefined
  return { name, folder, read }
}

async function behind(op: string, text: string): Promise<Place> {
  const { fetchShort } = await import('./remote.ts')
  const { url } = addressOf(op, 'the URL', text)
  const folder = new URL(text) // its query stays behind the path
  folder.pathname = folder.pathname.replace(/\/*$/, '/')
  const address = addressOf(op, 'the URL', folder.href)
  const read = (file: string, most: number) => fetchShort(op, { ...address, url: address.url + file }, most, true)
  return { name: nameOf(url), folder: folder.href, read }
}
