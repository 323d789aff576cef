// @ts-check
/**
 * @file Unpacks the Brotli-packed archives (.br, .tar.br) of the npm package `@sparticuz/chromium` into the cache
 * folder, once. Which archive, and what for, is in adapter.mjs (SwiftShader) and browser.mjs (Chromium).
 */
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { brotliDecompressSync } from 'node:zlib'

/**
 * A folder for things that were unpacked or compiled once. Under node_modules, so that a new installation makes them
 * again.
 * @param {string} name
 */
export function cacheFolder(name) {
  return fileURLToPath(new URL(`../node_modules/.cache/handgrad/${name}`, import.meta.url))
}

/**
 * Unpacks all `archives` into `folder` unless that is there, and returns the folder. It is made under another name and
 * renamed, so that two processes at once, or one that is stopped half way, leave a whole folder or none.
 * @param {readonly string[]} archives
 * @param {string} folder
 */
export function unpack(archives, folder) {
  if (existsSync(folder)) return folder
  const part = `${folder}.${process.pid}`
  rmSync(part, { recursive: true, force: true })
  mkdirSync(part, { recursive: true })
  for (const archive of archives) {
    const bytes = brotliDecompressSync(readFileSync(archive))
    if (archive.endsWith('.tar.br')) untar(bytes, part)
    else writeFileSync(join(part, basename(archive, '.br')), bytes, { mode: 0o755 })
  }
  try {
    renameSync(part, folder)
  } catch (error) {
    rmSync(part, { recursive: true, force: true })
    if (!existsSync(folder)) throw error // else another process was first
  }
  return folder
}

/**
 * Writes the files, folders and symbolic links of a tar archive (POSIX ustar, with GNU long names) into `folder`.
 * @param {Buffer} tar
 * @param {string} folder
 */
function untar(tar, folder) {
  /**
   * @param {number} from
   * @param {number} length
   */
  const text = (from, length) => tar.toString('utf8', from, from + length).replace(/\0.*$/s, '')
  let longName = ''
  for (let at = 0; at + 512 <= tar.length && tar[at] !== 0; ) {
    const size = Number.parseInt(text(at + 124, 12), 8)
    const mode = Number.parseInt(text(at + 100, 8), 8)
    const prefix = text(at + 257, 5) === 'ustar' ? text(at + 345, 155) : ''
    const name = longName || (prefix ? `${prefix}/${text(at, 100)}` : text(at, 100))
    const kind = String.fromCharCode(tar[at + 156])
    const body = tar.subarray(at + 512, at + 512 + size)
    const path = join(folder, name)
    if (!join(path, '/').startsWith(join(folder, '/'))) throw new Error(`unpack: ${name} lies outside of the archive`)
    longName = kind === 'L' ? body.toString('utf8').replace(/\0.*$/s, '') : ''
    if (kind === '5') mkdirSync(path, { recursive: true })
    else if (kind === '2' || kind === '0' || kind === '\0') {
      mkdirSync(dirname(path), { recursive: true })
      if (kind === '2') symlinkSync(text(at + 157, 100), path)
      else {
        writeFileSync(path, body)
        chmodSync(path, mode & 0o777)
      }
    }
    at += 512 + Math.ceil(size / 512) * 512
  }
}
