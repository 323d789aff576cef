/**
 * @file Files on disk, in Node and Deno only: read, and write so that a crash leaves the old file or the new one, never
 * a part. Built-in modules are asked of the running process, so bundlers for browsers never see them. What is in the
 * files is known elsewhere: safetensors.ts, and data/ for data sets.
 */
import { fail, failFormat, HandgradError } from '../core/errors.ts'
import { checkPath, nameOf } from './given.ts'
import type { OpenFile } from './ranges.ts'

/** True where there may be files: not in a page. */
export const hasFiles = (): boolean => typeof process !== 'undefined' && typeof process.getBuiltinModule === 'function'

/** The modules this file needs, or a refusal in a browser. */
export function nodeFiles(op: string) {
  if (!hasFiles())
    fail(op, 'there is no file system here', 'in a browser fetch the bytes and use the function that takes bytes')
  const get = process.getBuiltinModule
  return { fs: get('node:fs/promises'), path: get('node:path'), url: get('node:url') }
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'it does not exist',
  ENOTDIR: 'a part of the path is not a folder',
  EISDIR: 'it is a folder',
  EEXIST: 'a file of that name is there',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'the file system is read-only',
  ELOOP: 'its links lead in a circle',
  ENAMETOOLONG: 'its name is too long',
  EMFILE: 'too many files are open',
  EBUSY: 'it is in use',
  NEITHER: 'it is neither a file nor a folder', // ours
  ERR_FS_FILE_TOO_LARGE: 'it is larger than 2 GiB',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  ENOTFOUND: 'its host name is unknown',
  ECONNREFUSED: 'the connection was refused',
  ECONNRESET: 'the connection was cut',
  UND_ERR_SOCKET: 'the connection was cut',
}

/** What a system error says, in words where the code is a common one. */
export function reasonOf(error: unknown): string {
  const { code, message } = error as { code?: string; message?: string }
  return (code && (reasons[code] ?? code)) || message || String(error)
}

/** True if the error is of the file system, and not of who used what was read or made what was written. */
const isSystem = (error: unknown): boolean =>
  !(error instanceof HandgradError) && typeof (error as { code?: unknown } | null)?.code === 'string'

/** True if the error says that the file is not there. */
export const isMissing = (error: unknown): boolean => (error as { code?: string }).code === 'ENOENT'

/**
 * A whole file. @throws HandgradError if it cannot be read, naming the path and the reason
 */
export async function readBytes(op: string, path: string, todo?: string): Promise<Uint8Array<ArrayBuffer>> {
  checkPath(op, path)
  const { fs } = nodeFiles(op)
  try {
    const buffer = await fs.readFile(path)
    return new Uint8Array(buffer.buffer as ArrayBuffer, buffer.byteOffset, buffer.byteLength)
  } catch (error) {
    fail(op, `cannot read ${nameOf(path)}, ${reasonOf(error)}`, todo)
  }
}

/** Most bytes asked of the system in one read. */
const MOST_AT_ONCE = 2 ** 28

/**
 * Open a file for as long as `use` runs.
 * @throws HandgradError if it cannot be read, naming the path and the reason; FormatError if it ends too early
 */
export async function withFile<T>(op: string, path: string, use: (file: OpenFile) => Promise<T>): Promise<T> {
  checkPath(op, path)
  const { fs } = nodeFiles(op)
  const name = nameOf(path)
  try {
    const file = await fs.open(path, 'r')
    try {
      const stat = await file.stat()
      // A pipe would keep this waiting for ever, a device has no end.
      if (!stat.isFile()) throw Object.assign(new Error(), { code: stat.isDirectory() ? 'EISDIR' : 'NEITHER' })
      const read = async (at: number, into: Uint8Array) => {
        for (let done = 0; done < into.length; ) {
          const { bytesRead } = await file.read(into, done, Math.min(into.length - done, MOST_AT_ONCE), at + done)
          if (bytesRead === 0) failFormat(op, `${name}: the file became shorter while it was read`)
          done += bytesRead
        }
        return into
      }
      return await use({ size: stat.size, stamp: `${stat.size} ${stat.mtimeMs} ${stat.ino}`, read })
    } finally {
      await file.close()
    }
  } catch (error) {
    if (!isSystem(error)) throw error
    fail(op, `cannot read ${name}, ${reasonOf(error)}`)
  }
}

/** All bytes of a file. @throws HandgradError as {@link withFile}; FormatError if there are more than `most` */
export const readWhole = (op: string, path: string, most = Infinity): Promise<Uint8Array<ArrayBuffer>> =>
  withFile(op, path, async ({ size, read }) => {
    if (size > most) failFormat(op, `${nameOf(path)}: the file has ${size} bytes`, `at most ${most} are read`)
    const bytes = new Uint8Array(size)
    await read(0, bytes)
    return bytes
  })

/** The file that a path stands for: what links lead to, also where that does not exist yet. */
async function behindLinks({ fs, path: paths }: ReturnType<typeof nodeFiles>, path: string): Promise<string> {
  // More links than the system follows are a circle, which opening the path then says.
  for (let links = 0; links < 40; links++) {
    const to = await fs.readlink(path).catch(() => undefined)
    if (to === undefined) return path
    path = paths.resolve(await fs.realpath(paths.dirname(path)), to)
  }
  await fs.stat(path)
  return path
}

/** The process that a temporary file belongs to is in its name, so that those of killed ones are known. */
const temporaryName = (base: string): string =>
  `.${base.slice(0, 60)}.${process.pid}-${crypto.randomUUID().slice(0, 8)}.tmp`

/**
 * What is younger, in ms, may be of a save that runs in another container or on another host, where its process has a
 * number that is free here.
 */
const HOUR = 3_600_000

/** Take away what killed processes left beside a file they were writing. */
async function clean({ fs, path: paths }: ReturnType<typeof nodeFiles>, folder: string, base: string): Promise<void> {
  const begin = `.${base.slice(0, 60)}.`
  for (const name of await fs.readdir(folder)) {
    const [, pid] = (name.startsWith(begin) && name.slice(begin.length).match(/^(\d+)-[0-9a-f]{8}\.tmp$/)) || []
    if (pid === undefined) continue
    const left = paths.join(folder, name)
    const { mtimeMs } = await fs.stat(left)
    if (mtimeMs < Date.now() - HOUR && ended(Number(pid), mtimeMs)) await fs.rm(left, { force: true })
  }
}

/** True if the process of this machine that wrote a file at a time is gone. */
export function ended(pid: number, time: number): boolean {
  // Its number may be ours by now: in a container the first process is number 1 each time.
  if (pid === process.pid) return time < Date.now() - 1000 * process.uptime()
  try {
    process.kill(pid, 0) // sends nothing
    return false
  } catch (error) {
    return (error as { code?: string }).code === 'ESRCH'
  }
}

/** Begin to write a file: where it is, and an empty temporary file beside it with its owner and permissions. */
async function begin(node: ReturnType<typeof nodeFiles>, path: string) {
  const { fs, path: paths } = node
  const target = await behindLinks(node, path)
  const [folder, base] = [paths.dirname(target), paths.basename(target)]
  const old = await fs.stat(target).catch((error: unknown) => (isMissing(error) ? undefined : Promise.reject(error)))
  if (old?.isDirectory()) throw Object.assign(new Error(), { code: 'EISDIR' })
  if (old && !old.isFile()) throw Object.assign(new Error(), { code: 'NEITHER' })
  await clean(node, folder, base).catch(() => undefined)
  const temporary = paths.join(folder, temporaryName(base))
  // Never readable by more than the old file is, not even while it is written.
  const file = await fs.open(temporary, 'wx', old && old.mode & 0o777)
  if (old) {
    await file.chown(old.uid, old.gid).catch(() => undefined) // only root may give a file away
    await file.chmod(old.mode & 0o777).catch(() => undefined) // some file systems have no permissions
  }
  return { target, folder, temporary, file }
}

const remedy = 'check that its folder exists, has room and may be written'

/**
 * Refuse a file that cannot be written, before the work that it is to hold is done. What is there stays as it is; disks
 * may still run full.
 * @throws HandgradError naming the path and the reason
 */
export async function checkWritable(op: string, path: string): Promise<void> {
  checkPath(op, path)
  const node = nodeFiles(op)
  try {
    const { temporary, file } = await begin(node, path)
    await file.close()
    await node.fs.rm(temporary)
  } catch (error) {
    fail(op, `cannot write ${nameOf(path)}, ${reasonOf(error)}`, remedy)
  }
}

/** Make a folder, if it is not there. @throws HandgradError naming the path and the reason */
export async function makeFolder(op: string, folder: string): Promise<void> {
  await nodeFiles(op)
    .fs.mkdir(folder, { recursive: true })
    .catch((error: unknown) => fail(op, `cannot make ${nameOf(folder)}, ${reasonOf(error)}`, remedy))
}

/** Make the folder that a file will be in. @throws HandgradError naming the path and the reason */
export const makeFolderOf = (op: string, path: string): Promise<void> =>
  makeFolder(op, nodeFiles(op).path.dirname(path))

/** A file that is whole on the disk, under a temporary name beside the one that it is to be. */
export interface Beside {
  /** Put it in place of what is there. @throws HandgradError if that fails; the temporary file is gone then */
  place(): Promise<void>
  /** Take it away, if it was not put in place. */
  drop(): Promise<void>
}

/**
 * Write a file in one step as others see it: temporary file in the same folder, fsync, rename, fsync of the folder.
 * After a failure the old file is untouched and the temporary one is gone; that of a process that was killed goes with
 * a write of the same file an hour later. The new file has the permissions and, where the system allows it, the owner
 * of the old one, and a link stays a link.
 * @param bytes  all, or pieces, each of which is written before the next one is asked for
 * @throws HandgradError naming the path and the reason; what the pieces throw
 */
export async function writeBytes(
  op: string,
  path: string,
  bytes: Uint8Array | AsyncIterable<Uint8Array>,
): Promise<void> {
  await (await writeBeside(op, path, bytes)).place()
}

/** The first half of {@link writeBytes}: all but the rename, so that several files can be put in place together. */
export async function writeBeside(
  op: string,
  path: string,
  bytes: Uint8Array | AsyncIterable<Uint8Array>,
): Promise<Beside> {
  checkPath(op, path)
  const node = nodeFiles(op)
  const { fs } = node
  let begun: Awaited<ReturnType<typeof begin>> | undefined
  const drop = async () => {
    if (begun) await fs.rm(begun.temporary, { force: true }).catch(() => undefined)
  }
  const failed = async (error: unknown): Promise<never> => {
    await drop()
    if (!isSystem(error)) throw error
    return fail(op, `cannot write ${nameOf(path)}, ${reasonOf(error)}`, remedy)
  }
  try {
    begun = await begin(node, path)
    try {
      // Each piece follows the one before.
      for await (const piece of bytes instanceof Uint8Array ? [bytes] : bytes) await begun.file.writeFile(piece)
      await begun.file.sync()
    } finally {
      await begun.file.close()
    }
  } catch (error) {
    return failed(error)
  }
  const { temporary, target, folder } = begun
  const place = async () => {
    await fs.rename(temporary, target).catch(failed)
    // The rename itself must survive a power cut. Windows cannot open folders and needs no such step.
    const handle = await fs.open(folder, 'r').catch(() => undefined)
    await handle?.sync().catch(() => undefined)
    await handle?.close()
  }
  return { place, drop }
}
