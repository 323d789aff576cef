/**
 * @file A turn at a file that several programs may want to fetch: a lock beside it, which says who has it. The next one
 * waits, and takes it over where its owner has ended or says nothing any more.
 */
import { fail } from '../core/errors.ts'
import { ended, nodeFiles, reasonOf } from '../io/files.ts'
import { nameOf } from '../io/given.ts'

/** Milliseconds between two signs of life of an owner, and looks of one who waits. */
const LOOK = 250
/** Of no sign of life, after which an owner is taken for gone: another machine's cannot be asked. */
const GONE = 10_000

const hostname = (): string => process.getBuiltinModule('node:os').hostname()

/** True if a lock is nobody's any more. One that was let go meanwhile is not: it may be another's by now. */
async function abandoned(op: string, lock: string): Promise<boolean> {
  const { fs } = nodeFiles(op)
  const found = await fs.stat(lock).catch(() => null)
  if (!found) return false
  const [host, pid] = (await fs.readFile(lock, 'utf8').catch(() => '')).split(' ')
  // Of another machine only silence tells.
  const gone = host === hostname() && Number(pid) > 0 && ended(Number(pid), found.mtimeMs)
  return gone || Date.now() - found.mtimeMs > GONE
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
  const failed = (error: unknown) => fail(op, `cannot write ${nameOf(lock)}, ${reasonOf(error)}`)
  const taken = () =>
    fs.writeFile(lock, `${hostname()} ${process.pid}`, { flag: 'wx' }).then(
      () => true,
      (error: NodeJS.ErrnoException) => error.code !== 'EEXIST' && failed(error),
    )
  const drop = () => fs.rm(lock, { force: true })
  let waited = false
  while (!(await taken()))
    if (await abandoned(op, lock)) await drop().catch(failed)
    else {
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
    await drop()
  }
}
