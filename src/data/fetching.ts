/**
 * @file Fetching of files: part after part into a file beside the one that is to be, so that a connection that was cut
 * is gone on with; checked, and renamed in one step. What is asked for is said in download.ts.
 */
import { describe, fail, failFormat, HandgradError, shown } from '../core/errors.ts'
import { type Address, addressOf, decoded } from '../io/address.ts'
import { isMissing, makeFolder, nodeFiles, readBytes, reasonOf } from '../io/files.ts'
import { checkPath, checkRecord, checkSize, nameOf } from '../io/given.ts'
import { optionsOf } from '../ops/base/options.ts'
import { chunksOf } from './chunks.ts'
import type { Checksum, DownloadOptions, DownloadProgress, FileOptions } from './download.ts'
import { mnistFiles, rawIdx } from './idx.ts'
import { checkLimit } from './source.ts'
import { inTurn } from './turn.ts'

/** How files are fetched. */
interface Transfer {
  readonly op: string
  /** How the file is called in progress. */
  readonly file: string
  readonly timeout: number
  readonly limit: number
  readonly tell: (progress: DownloadProgress) => void
  /** What to do about a failure. */
  readonly todo: string
  /** Bytes that the file must have, where that is known. */
  readonly size?: number
  /** Undefined if the file is the one that was asked for, else what it is instead. */
  readonly check: (path: string) => Promise<string | undefined>
}

/** A connection is made again so often when it was cut within a file. */
const ATTEMPTS = 3

/** Fetch into `path`, whole and right or not at all. Who comes while another fetches it waits, and has it, too. */
async function fetchFile(path: string, source: Address, transfer: Transfer): Promise<void> {
  const { op, file, check, size, tell } = transfer
  const { fs, path: paths } = nodeFiles(op)
  const beside = (what: string) => paths.join(paths.dirname(path), `.${paths.basename(path)}.${what}`)
  const part = beside('part')
  const waits = async () => tell({ file, received: await sizeOf(op, part), total: size })
  await inTurn(op, beside('lock'), waits, async (waited) => {
    const missing = !waited || (await fs.access(path).then(() => false, isMissing))
    if (missing || (await check(path)) !== undefined) await fetchParts(path, part, source, transfer)
  })
}

/** Bytes of a part; 0 where there is none. */
const sizeOf = (op: string, part: string): Promise<number> =>
  nodeFiles(op)
    .fs.stat(part)
    .then(
      ({ size }) => size,
      () => 0,
    )

/** Part after part, from where one that came before ends. */
async function fetchParts(path: string, part: string, source: Address, transfer: Transfer): Promise<void> {
  const { op, check, size, todo } = transfer
  const { fs } = nodeFiles(op)
  for (let attempt = 1; ; attempt++) {
    const before = await sizeOf(op, part)
    // All of it may have come before, and its check was cut off.
    if (before > 0 && (size ?? before) === before && (await check(part)) === undefined) break
    const end = await transferOf(part, before, source, transfer, attempt < ATTEMPTS)
    if (end === 'cut') continue
    const wrong = await check(part)
    if (wrong === undefined) break
    await dropPart(op, part)
    // What came before may have been of another file.
    if (end === 'resumed' && attempt < ATTEMPTS) continue
    failFormat(op, `${source.url} is not the file expected, ${wrong}`, todo)
  }
  await fs.rename(part, path).catch((error: unknown) => fail(op, `cannot write ${nameOf(path)}, ${reasonOf(error)}`))
  await dropPart(op, part)
}

/** Beside a part: the ETag of the file that it is of. */
const tagOf = (part: string): string => `${part}.etag`

async function dropPart(op: string, part: string): Promise<void> {
  for (const file of [part, tagOf(part)]) await nodeFiles(op).fs.rm(file, { force: true })
}

/**
 * Append to a part what is missing of it, or write all.
 * @param again  a connection that was cut is worth another try, which the caller makes
 */
async function transferOf(
  part: string,
  before: number,
  { url, query, headers }: Address,
  { op, file, timeout, limit, size, tell, todo }: Transfer,
  again: boolean,
): Promise<'whole' | 'resumed' | 'cut'> {
  const { fs } = nodeFiles(op)
  const tag = before > 0 ? await fs.readFile(tagOf(part), 'utf8').catch(() => '') : ''
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
  let out: Awaited<ReturnType<typeof fs.open>> | undefined
  const written = async (step: () => Promise<unknown>) =>
    step().catch((error: unknown) => fail(op, `cannot write ${nameOf(part)}, ${reasonOf(error)}`))
  let received = 0
  wait()
  try {
    const range: Record<string, string> =
      before > 0 ? { range: `bytes=${before}-`, ...(tag && { 'if-range': tag }) } : {}
    const response = await fetch(url + query, { signal: abort.signal, headers: { ...headers, ...range } })
    const found = response.headers.get('etag') ?? ''
    const continued = response.headers.get('content-range')?.startsWith(`bytes ${before}-`)
    const resumed = response.status === 206 && continued && (!tag || !found || found === tag)
    if (before > 0 && !resumed && (response.status === 206 || response.status === 416)) {
      // There is no such part: from the beginning, then.
      await dropPart(op, part)
      if (again) return 'cut'
    }
    if ((response.status !== 200 && !resumed) || !response.body)
      fail(op, `${url} answered ${response.status} ${shown(response.statusText)}`.trim(), todo)
    received = resumed ? before : 0
    // The length is the body's unless the server compressed the response.
    const announced = response.headers.get('content-encoding') ? null : response.headers.get('content-length')
    const total = announced === null ? undefined : received + Number(announced)
    if (size !== undefined && total !== undefined && total !== size)
      failFormat(op, `${url} is not the file expected, it has ${total} bytes, not ${size}`, todo)
    const refuseLong = () => fail(op, `${url} sends more than ${limit} bytes`, todo)
    if (total !== undefined && total > limit) refuseLong()
    await written(async () => {
      out = await fs.open(part, resumed ? 'a' : 'w')
      // A weak one may be of other bytes.
      if (!resumed && found && !found.startsWith('W/')) await fs.writeFile(tagOf(part), found)
      else if (!resumed) await fs.rm(tagOf(part), { force: true })
    })
    const reader = response.body.getReader()
    for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
      wait()
      received += piece.value.length
      if (received > limit) {
        await dropPart(op, part)
        refuseLong()
      }
      await written(async () => out?.writeFile(piece.value as Uint8Array))
      tell({ file, received, total: total ?? size })
    }
    if (size !== undefined && received < size) {
      if (again) return 'cut'
      failFormat(op, `${url} sent ${received} bytes, not ${size}`, todo)
    }
    await written(async () => out?.sync())
    return resumed ? 'resumed' : 'whole'
  } catch (error) {
    if (error instanceof HandgradError) throw error
    if (stalled) fail(op, `${url} sent nothing for ${timeout} ms`, todo)
    if (received > 0 && again) return 'cut'
    return fail(op, `cannot fetch ${url}, ${reasonOf((error as { cause?: unknown }).cause ?? error)}`, todo)
  } finally {
    clearTimeout(timer)
    abort.abort()
    await out?.close()
    // Nothing came: there is nothing to go on from.
    if (received === 0 && before === 0) await dropPart(op, part)
  }
}

/** Tells the caller, and the terminal where that was asked for. */
async function telling(
  op: string,
  { onProgress, progress, timeout }: Pick<DownloadOptions, 'onProgress' | 'progress'> & { timeout: number },
) {
  if (onProgress !== undefined && typeof onProgress !== 'function')
    fail(op, `onProgress is ${describe(onProgress)}`, 'give a function')
  if (typeof timeout !== 'number' || !(timeout > 0 && timeout < 2 ** 31))
    fail(op, `timeout is ${describe(timeout)}`, 'give milliseconds, a number above 0 and below 2^31')
  const bar = progress ? new (await import('../text/progress.ts')).Progress() : undefined
  const size = (bytes: number) => `${(bytes / 1e6).toFixed(1)} MB`
  return {
    tell(now: DownloadProgress) {
      onProgress?.(now)
      const { file, received, total } = now
      bar?.update(file, total ? received / total : 0, total ? `${size(received)} of ${size(total)}` : size(received))
    },
    done: (path: string) => bar?.done(path),
  }
}

/** SHA-256 of a file, which is not held in memory. */
export async function sha256Of(op: string, path: string): Promise<string> {
  const hash = process.getBuiltinModule('node:crypto').createHash('sha256')
  for await (const chunk of chunksOf(op, path)) hash.update(chunk)
  return hash.digest('hex')
}

/** Where files are kept unless told otherwise. */
function cacheFolder(op: string): string {
  const { path: paths } = nodeFiles(op)
  const { env, platform } = process
  if (env['HANDGRAD_CACHE']) return env['HANDGRAD_CACHE']
  const home = process.getBuiltinModule('node:os').homedir()
  const base = platform === 'win32' ? env['LOCALAPPDATA'] : env['XDG_CACHE_HOME']
  return paths.join(base || paths.join(home, '.cache'), 'handgrad')
}

/**
 * A file by its checksum; see download of download.ts.
 * @param op    for errors
 * @param todo  what to do where it cannot be had
 */
export async function fetchChecked(
  url: string,
  options: FileOptions,
  op = 'download',
  todo = 'give { mirrors }, or copy the file there yourself',
): Promise<string> {
  const { sha256, size, replace, mirrors, folder, name, limit, ...rest } = optionsOf(op, options, {
    sha256: undefined,
    size: undefined,
    replace: true,
    mirrors: [],
    folder: undefined,
    name: undefined,
    limit: 2 ** 34,
    onProgress: undefined,
    progress: false,
    timeout: 30_000,
  })
  if (!Array.isArray(mirrors)) fail(op, `mirrors is ${describe(mirrors)}`, 'give a list of URLs')
  const sources = [url, ...mirrors].map((one, i) => addressOf(op, i === 0 ? 'the URL' : `mirror ${i - 1}`, one))
  if (typeof sha256 !== 'string' || !/^[0-9a-f]{64}$/i.test(sha256))
    fail(op, `sha256 is ${describe(sha256)}`, 'give the 64 hexadecimal digits of its SHA-256')
  checkLimit(op, limit)
  if (size !== undefined) checkSize(op, 'size', size)
  if (name !== undefined && (typeof name !== 'string' || !/^[^\\/:*?"<>|\0]+$/.test(name) || /^\.*$/.test(name)))
    fail(op, `name is ${describe(name)}`, 'give the name of a file, without a folder')
  if (folder !== undefined) checkPath(op, folder)
  const { tell, done } = await telling(op, rest)
  /** A server may not say how much it sends. */
  const most = Math.min(limit, size ?? limit)
  const { fs, path: paths } = nodeFiles(op)
  // What a server calls a file is a name here, whatever it is.
  const last = decoded(sources[0].url.slice(sources[0].url.lastIndexOf('/') + 1))
  const file =
    name ??
    (last
      .replace(/[^\w.-]+/g, '_')
      .replace(/^\.+/, '')
      .slice(-100) ||
      'file')
  const dir = folder ?? cacheFolder(op)
  await makeFolder(op, dir)
  // In the folder that all share, files of one name are told apart.
  const path = paths.join(dir, folder === undefined ? `${sha256.slice(0, 12).toLowerCase()}-${file}` : file)
  const check = async (candidate: string) => {
    const found = await sha256Of(op, candidate)
    return found === sha256.toLowerCase() ? undefined : `it has SHA-256 ${found}, not ${sha256.toLowerCase()}`
  }
  const there = await fs.access(path).then(
    () => true,
    (error: unknown) => !isMissing(error),
  )
  const other = there ? await check(path) : undefined
  if (there && other === undefined) return path
  if (there && !replace)
    failFormat(op, `${nameOf(path)} is another file, ${other}`, 'remove it, or give another folder')

  for (const [i, source] of sources.entries()) {
    try {
      await fetchFile(path, source, { op, file, limit: most, size, tell, todo, check, timeout: rest.timeout })
      done(path)
      return path
    } catch (error) {
      if (i === sources.length - 1) throw error
    }
  }
  return path
}

async function digest(bytes: Uint8Array): Promise<string> {
  const sum = await crypto.subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>)
  return [...new Uint8Array(sum)].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** No file of MNIST is larger, packed or not: a server that sends more is cut off, and no more is unpacked. */
const LIMIT = 256 * 2 ** 20

/** MNIST's files; see downloadMnist of download.ts, which knows the usual sums and mirror. */
export async function fetchMnist(
  dir: string,
  options: DownloadOptions | undefined,
  sums: NonNullable<DownloadOptions['checksums']>,
  usual: string,
): Promise<string> {
  const op = 'downloadMnist'
  const {
    mirror: asked,
    checksums,
    ...rest
  } = optionsOf(op, options, {
    mirror: undefined,
    checksums: sums,
    onProgress: undefined,
    progress: false,
    timeout: 30_000,
  })
  checkPath(op, dir)
  checkRecord(op, 'checksums', checksums, 'give { gzip, raw } by file name')
  const { tell, done } = await telling(op, rest)
  const { fs, path: paths } = nodeFiles(op)
  const source = addressOf(op, 'mirror', asked ?? (process.env['HANDGRAD_MIRROR'] || usual))
  await makeFolder(op, dir)

  const todo = 'set HANDGRAD_MIRROR to another mirror, or copy the four files there yourself'
  for (const one of mnistFiles) {
    const file = `${one}.gz`
    const wanted = checksums[file]
    if (typeof wanted?.gzip !== 'string' || typeof wanted.raw !== 'string')
      fail(op, `no checksum for ${file}`, 'give { gzip, raw } for each of the four files')
    const path = paths.join(dir, file)
    const check = async (candidate: string) => mismatch(op, file, await readBytes(op, candidate), wanted)
    const missing = await fs.access(path).then(() => false, isMissing)
    if (!missing && (await check(path)) === undefined) continue
    const url = source.url.replace(/\/?$/, '/') + file
    await fetchFile(path, { ...source, url }, { op, file, limit: LIMIT, tell, todo, check, timeout: rest.timeout })
    done(path)
  }
  return dir
}

/** Undefined if the bytes are the file that was asked for, else what they are instead. */
async function mismatch(op: string, name: string, bytes: Uint8Array, wanted: Checksum): Promise<string | undefined> {
  const found = await digest(bytes)
  if (found === wanted.gzip || found === wanted.raw) return undefined
  const raw = await rawIdx(op, name, bytes, LIMIT).then(digest, () => 'none, it cannot be unpacked')
  if (raw === wanted.raw) return undefined
  const sums = `${shown(wanted.gzip, 64)} or ${shown(wanted.raw, 64)}`
  return `it has ${bytes.length} bytes with SHA-256 ${found}, unpacked ${raw}, not ${sums}`
}
