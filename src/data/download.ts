/**
 * @file MNIST from a mirror: four files, each checked by SHA-256 before it is kept and written in one step, so an
 * interrupted or damaged download leaves nothing behind. Reading them is idx.ts.
 */
import { describe, fail, failFormat, shown } from '../core/errors.ts'
import { isMissing, nodeFiles, readBytes, reasonOf, writeBytes } from '../io/files.ts'
import { checkPath, checkRecord, checkText, nameOf } from '../io/given.ts'
import { optionsOf } from '../ops/base/options.ts'
import { mnistFiles, rawIdx } from './idx.ts'

/**
 * What a file must be: SHA-256 of the official gzip file, or of its contents where a mirror has compressed them again.
 */
export interface Checksum {
  gzip: string
  raw: string
}

/**
 * MNIST's four files. The gzip sums are those that PyTorch and TensorFlow users know; raw sums belong to the same data.
 */
export const mnistChecksums: Readonly<Record<string, Checksum>> = {
  'train-images-idx3-ubyte.gz': {
    gzip: '440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609',
    raw: 'ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db',
  },
  'train-labels-idx1-ubyte.gz': {
    gzip: '3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c',
    raw: '65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5',
  },
  't10k-images-idx3-ubyte.gz': {
    gzip: '8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6',
    raw: '0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7',
  },
  't10k-labels-idx1-ubyte.gz': {
    gzip: 'f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6',
    raw: 'ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2',
  },
}

/** Where the files are fetched from unless told otherwise. */
export const mnistMirror = 'https://ossci-datasets.s3.amazonaws.com/mnist/'

/** How far a download is. */
export interface DownloadProgress {
  file: string
  /** Bytes received of this file. */
  received: number
  /** Bytes of this file as the server claims them, undefined if it does not say. */
  total: number | undefined
}

/** Where {@link downloadMnist} fetches from, and what it tells. */
export interface DownloadOptions {
  /**
   * Base URL; else the environment variable HANDGRAD_MIRROR, else {@link mnistMirror}. A name and password in it
   * (`https://name:password@host/`) are sent to that host as basic authentication; they and a query (`?key=…`) are
   * never shown.
   */
  mirror?: string
  /** Other sums by file name, for data sets in the same four files, such as Fashion-MNIST. */
  checksums?: Readonly<Record<string, Checksum>>
  /** Told after each part that arrives. */
  onProgress?: (progress: DownloadProgress) => void
  /** Give up when nothing arrives for so long, in ms; default 30,000. */
  timeout?: number
}

/** How one file is fetched. */
type Transfer = { readonly timeout: number } & Pick<DownloadOptions, 'onProgress'>

const op = 'downloadMnist'
/** No file of MNIST is larger, packed or not: a server that sends more is cut off, and no more is unpacked. */
const LIMIT = 256 * 2 ** 20
const elsewhere = 'set HANDGRAD_MIRROR to another mirror, or copy the four files there yourself'

async function sha256(bytes: Uint8Array): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>)
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** Undefined if the bytes are the file that was asked for, else what they are instead. */
async function mismatch(name: string, bytes: Uint8Array, wanted: Checksum): Promise<string | undefined> {
  const found = await sha256(bytes)
  if (found === wanted.gzip || found === wanted.raw) return undefined
  const raw = await rawIdx(op, name, bytes, LIMIT).then(sha256, () => 'none, it cannot be unpacked')
  if (raw === wanted.raw) return undefined
  return `${bytes.length} bytes with SHA-256 ${found}, unpacked ${raw}`
}

/** A URL that may be shown, and what is secret of it. */
interface Source {
  readonly url: string
  /** The query, which holds the keys of signed URLs. */
  readonly query: string
  readonly headers: Readonly<Record<string, string>>
}

/** The mirror, without what is secret in its URL. */
function mirrorOf(text: string): Source {
  if (!/^https?:\/\//.test(text) || !URL.canParse(text)) {
    const safe = text
      .replace(/^([a-z]*:\/\/)?.*\?.*@.*/is, '$1…') // a query or a password: nobody knows
      .replace(/^([a-z]*:\/\/)?.*@/is, '$1…@')
      .replace(/\?.*/s, '?…')
    fail(op, `mirror is '${shown(safe, 200)}'`, 'give a URL that begins with https:// or http://')
  }
  const { origin, pathname, search, username, password } = new URL(text)
  const user = new TextEncoder().encode(`${decoded(username)}:${decoded(password)}`)
  const headers: Record<string, string> = {}
  if (username || password) headers['authorization'] = `Basic ${btoa(String.fromCharCode(...user))}`
  return { url: origin + pathname.replace(/\/?$/, '/'), query: search, headers }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text // a % that stands for itself
  }
}

/** The body of a response, at most LIMIT bytes, refusing a stall and a length that differs from the one announced. */
async function fetchBytes({ url, query, headers }: Source, name: string, options: Transfer): Promise<Uint8Array> {
  const { timeout, onProgress } = options
  const abort = new AbortController()
  let stalled = false
  let timer: ReturnType<typeof setTimeout> | undefined
  const wait = () => {
    clearTimeout(timer)
    timer = setTimeout(() => {
      stalled = true
      abort.abort()
    }, timeout)
  }
  wait()
  try {
    const response = await fetch(url + query, { signal: abort.signal, headers })
    if (!response.ok || !response.body)
      fail(op, `${url} answered ${response.status} ${shown(response.statusText)}`.trim(), elsewhere)
    // The length is the body's unless the server compressed the response.
    const announced = response.headers.get('content-encoding') ? null : response.headers.get('content-length')
    const total = announced === null ? undefined : Number(announced)
    const chunks: Uint8Array[] = []
    let received = 0
    const reader = response.body.getReader()
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      wait()
      chunks.push(part.value)
      received += part.value.length
      if (received > LIMIT) fail(op, `${url} sends more than ${LIMIT} bytes`, elsewhere)
      onProgress?.({ file: name, received, total })
    }
    const bytes = new Uint8Array(received)
    let at = 0
    for (const chunk of chunks) {
      bytes.set(chunk, at)
      at += chunk.length
    }
    return bytes
  } catch (error) {
    if (stalled) fail(op, `${url} sent nothing for ${timeout} ms`, elsewhere)
    if ((error as { op?: string }).op === op) throw error
    const cause = (error as { cause?: unknown }).cause
    fail(op, `cannot fetch ${url}, ${reasonOf(cause ?? error)}`, elsewhere)
  } finally {
    clearTimeout(timer)
    abort.abort()
  }
}

/**
 * Fetch MNIST's four gzip files into a folder, which is made if needed; files that are there and right are kept. Node
 * only.
 * @returns the folder
 * @throws FormatError if a file is not the one known by its checksum; HandgradError if it cannot be fetched or written,
 *   or an option does not fit
 */
export async function downloadMnist(dir: string, options?: DownloadOptions): Promise<string> {
  const {
    mirror: asked,
    checksums,
    ...transfer
  } = optionsOf(op, options, {
    mirror: undefined,
    checksums: mnistChecksums,
    onProgress: undefined,
    timeout: 30_000,
  })
  checkPath(op, dir)
  const { onProgress, timeout } = transfer
  checkRecord(op, 'checksums', checksums, 'give { gzip, raw } by file name')
  if (onProgress !== undefined && typeof onProgress !== 'function')
    fail(op, `onProgress is ${describe(onProgress)}`, 'give a function')
  if (typeof timeout !== 'number' || !(timeout > 0 && timeout < 2 ** 31))
    fail(op, `timeout is ${describe(timeout)}`, 'give milliseconds, a number above 0 and below 2^31')
  const { fs, path: paths } = nodeFiles(op)
  const mirror = asked ?? (process.env['HANDGRAD_MIRROR'] || mnistMirror)
  checkText(op, 'mirror', mirror, 'give a URL as text')
  const source = mirrorOf(mirror)
  await fs
    .mkdir(dir, { recursive: true })
    .catch((error: unknown) => fail(op, `cannot make ${nameOf(dir)}, ${reasonOf(error)}`))

  for (const file of mnistFiles) {
    const name = `${file}.gz`
    const wanted = checksums[name]
    if (typeof wanted?.gzip !== 'string' || typeof wanted.raw !== 'string')
      fail(op, `no checksum for ${name}`, 'give { gzip, raw } for each of the four files')
    const path = paths.join(dir, name)
    const missing = await fs.access(path).then(() => false, isMissing)
    if (!missing && !(await mismatch(name, await readBytes(op, path), wanted))) continue

    const url = source.url + name
    const bytes = await fetchBytes({ ...source, url }, name, transfer)
    const found = await mismatch(name, bytes, wanted)
    if (found) {
      const sums = `${shown(wanted.gzip, 64)} or ${shown(wanted.raw, 64)}`
      failFormat(op, `${url} is not the file expected, it has ${found}, not ${sums}`, elsewhere)
    }
    await writeBytes(op, path, bytes)
  }
  return dir
}
