/**
 * @file Files on disk, in Node and Deno only: read, and write so that a crash leaves the old file or the new one, never
 * a part. Built-in modules are asked of the running process, so bundlers for browsers never see them. What is in the
 * files is known elsewhere: safetensors.ts, and data/ for data sets.
 */
import { fail } from '../core/errors.ts'

/** The modules this file needs, or a refusal in a browser. */
export function nodeFiles(op: string) {
  const get = typeof process === 'undefined' ? undefined : process.getBuiltinModule
  if (!get)
    fail(op, 'there is no file system here', 'in a browser fetch the bytes and use the function that takes bytes')
  return { fs: get('node:fs/promises'), path: get('node:path') }
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'it does not exist',
  ENOTDIR: 'a part of the path is not a folder',
  EISDIR: 'it is a folder',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'the file system is read-only',
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

/** True if the error says that the file is not there. */
export const isMissing = (error: unknown): boolean => (error as { code?: string }).code === 'ENOENT'

/**
 * A whole file. @throws HandgradError if it cannot be read, naming the path and the reason
 */
export async function readBytes(op: string, path: string, todo?: string): Promise<Uint8Array<ArrayBuffer>> {
  const { fs } = nodeFiles(op)
  try {
    const buffer = await fs.readFile(path)
    return new Uint8Array(buffer.buffer as ArrayBuffer, buffer.byteOffset, buffer.byteLength)
  } catch (error) {
    fail(op, `cannot read ${path}, ${reasonOf(error)}`, todo)
  }
}

/**
 * Write a file in one step as others see it: temporary file in the same folder, fsync, rename, fsync of the folder.
 * After a failure the old file is untouched and the temporary one is gone.
 * @throws HandgradError naming the path and the reason
 */
export async function writeBytes(op: string, path: string, bytes: Uint8Array): Promise<void> {
  const { fs, path: paths } = nodeFiles(op)
  const folder = paths.dirname(path)
  const temporary = paths.join(folder, `.${paths.basename(path)}.${crypto.randomUUID().slice(0, 8)}.tmp`)
  let made = false
  try {
    const file = await fs.open(temporary, 'wx')
    made = true
    try {
      await file.writeFile(bytes)
      await file.sync()
    } finally {
      await file.close()
    }
    await fs.rename(temporary, path)
  } catch (error) {
    if (made) await fs.rm(temporary, { force: true }).catch(() => undefined)
    fail(op, `cannot write ${path}, ${reasonOf(error)}`, 'check that its folder exists, has room and may be written')
  }
  // The rename itself must survive a power cut. Windows cannot open folders and needs no such step.
  const handle = await fs.open(folder, 'r').catch(() => undefined)
  await handle?.sync().catch(() => undefined)
  await handle?.close()
}
