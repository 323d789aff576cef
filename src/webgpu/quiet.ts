/**
 * @file Keeping two lines of Dawn off the terminal. Wherever a Vulkan driver allows more dynamic buffers than Dawn
 * does, which is on most, Dawn says so at every search for an adapter, though nothing is wrong and nobody can change
 * it. It writes them from C to descriptor 2; it has no switch for that (create() takes toggles, and none is asked
 * there), and Node has no dup2. So while the search runs, which is in one synchronous call, descriptor 2 is another
 * file: it is closed, and what is opened next gets its number. Whatever else was written is then written again, to
 * the terminal.
 *
 * What opens a file in the microseconds between would take the number. So it is done where a person would read the
 * lines, on a terminal (a log keeps every line), on Linux, by the main thread, and while Node knows of nothing in this
 * process that opens files, such as a server, a worker or a read under way. What Node does not know of are worker
 * threads that were unref'd; and if Dawn aborts, its last words are in that other file. A program for which either
 * matters says `device('webgpu', { quiet: false })`.
 */

const STDERR = 2

const known = /^Warning: maxDynamic(Uniform|Storage)BuffersPerPipelineLayout artificially reduced from .*\n/gm

/** What may be going on meanwhile: nothing of it opens files. */
const harmless = ['TTYWrap', 'PipeWrap', 'Timeout', 'Immediate', 'CloseReq']

function possible(): boolean {
  if (globalThis.process?.platform !== 'linux') return false
  const { isMainThread } = process.getBuiltinModule('node:worker_threads')
  if (!isMainThread || !process.getBuiltinModule('node:tty').isatty(STDERR)) return false
  // Not every runtime that has Node's API has this one.
  const active = process.getActiveResourcesInfo?.() ?? ['unknown']
  return active.every((name) => harmless.includes(name))
}

/** Run a synchronous search for an adapter, without Dawn's two lines where that is possible. */
export const quietly = <T>(search: () => T): T => (possible() ? without(known, search) : search())

/**
 * Run something, and take lines out of what it writes to descriptor 2.
 * @param lines  matches the lines, with their ends
 */
export function without<T>(lines: RegExp, f: () => T): T {
  const { closeSync, constants, mkdtempSync, openSync, readFileSync, rmSync, writeSync } =
    process.getBuiltinModule('node:fs')
  const { join } = process.getBuiltinModule('node:path')
  const { tmpdir } = process.getBuiltinModule('node:os')
  // As a terminal is opened; a file goes on at its end.
  const again = constants.O_RDWR | constants.O_APPEND | constants.O_NOCTTY
  let folder: string | undefined
  let terminal: number
  try {
    folder = mkdtempSync(join(tmpdir(), 'handgrad-'))
    terminal = openSync(`/proc/self/fd/${STDERR}`, again)
  } catch {
    // A full disk, or a socket, which cannot be opened a second time: then all lines are shown.
    if (folder) rmSync(folder, { recursive: true })
    return f()
  }
  const log = join(folder, 'stderr')
  /** Open a file in the place of descriptor 2, which is free; false where it does not get the number. */
  const opens = (path: string, flags: string | number): boolean => {
    try {
      const at = openSync(path, flags)
      if (at !== STDERR) closeSync(at)
      return at === STDERR
    } catch {
      return false
    }
  }
  let other = false
  try {
    // With 0 or 1 free, what is opened next would get that number.
    if (terminal > STDERR) {
      closeSync(STDERR)
      other = opens(log, 'a')
      if (!other) opens(`/proc/self/fd/${terminal}`, again)
    }
    return f()
  } finally {
    if (other) {
      closeSync(STDERR)
      opens(`/proc/self/fd/${terminal}`, again)
      const rest = readFileSync(log, 'utf8').replace(lines, '')
      if (rest) writeSync(terminal, rest)
    }
    closeSync(terminal)
    rmSync(folder, { recursive: true })
  }
}
