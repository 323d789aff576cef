/**
 * @file A turn at a file that several programs may want to fetch: a lock beside it, which says who has it. The next one
 * waits, and takes it over where its owner has ended or says nothing any more.
 */
import { fail } from '../core/errors.ts'
import { isMissing, nodeFiles, reasonOf } from '../io/files.ts'
import { nameOf } from '../io/given.ts'

/** Milliseconds between two signs of life of an owner, and looks of one who waits. */
const LOOK = 250
/** Of no sign of life, after which an owner is taken for gone: another machine's cannot be asked. */
const GONE = 10_000

/** What is in a lock: on which machine its owner runs, and as which process. */
const own = () => `${process.getBuiltinModule('node:os').hostname()} ${process.pid}`

/** True if the process that wrote this ended; one of another machine may run. */
function ended(owner: string): boolean {
  const [host, pid] = owner.split(' ')
  if (host !== own().split(' ')[0] || !(Number(pid) > 0)) return false
  try {
    process.kill(Number(pid), 0)
    return false
  } catch (error) {
    // A process of another user runs, and may not be asked.
    return (error as NodeJS.ErrnoException).code === 'ESRCH'
  }
}

/** Write a lock, if there is none. */
async function taken(op: string, lock: string): Promise<boolean> {
  try {
    await nodeFiles(op).fs.writeFile(lock, own(), { flag: 'wx' })
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    return fail(op, `cannot write ${nameOf(lock)}, ${reasonOf(error)}`)
  }
}

/** True if a lock is nobody's any more. One that was let go meanwhile is not: it may be another's by now. */
async function abandoned(op: string, lock: string): Promise<boolean> {
  const { fs } = nodeFiles(op)
  try {
    const [owner, { mtimeMs }] = [await fs.readFile(lock, 'utf8'), await fs.stat(lock)]
    return Date.now() - mtimeMs > GONE || ended(owner)
  } catch (error) {
    if (isMissing(error)) return false
    return fail(op, `cannot read ${nameOf(lock)}, ${reasonOf(error)}`)
  }
}

/**
 * Run f while nobody else has this lock.
 * @param waits  called again and again while another has it
 * @param f      is told whether another had it before
 */
export async function inTurn<T>(
  op: string,
  lock: string,
  waits: () => Promise<void>,
  f: (waited: boolean) => Promise<T>,
): Promise<T> {
  const { fs } = nodeFiles(op)
  let waited = false
  while (!(await taken(op, lock))) {
    if (await abandoned(op, lock)) {
      await fs.rm(lock, { force: true })
      continue
    }
    waited = true
    await waits()
    await new Promise((resolve) => setTimeout(resolve, LOOK))
  }
  const alive = setInterval(() => {
    const now = new Date()
    fs.utimes(lock, now, now).catch(() => {})
  }, LOOK)
  try {
    return await f(waited)
  } finally {
    clearInterval(alive)
    await fs.rm(lock, { force: true })
  }
}
