/**
 * @file Memory mappings of the process, of which Linux allows 65,530 (vm.max_map_count): past them it ends with a
 * segmentation fault. Software drivers such as lavapipe have one for each buffer and each bind group. A tensor that is
 * kept has a buffer, and its bind groups stay with it; one that is no longer wanted goes only when the event loop
 * turns. So a loop that never awaits, and keeps a tensor of each step, gets there. Therefore the mappings are counted,
 * seldom, and the next tensor is refused before they are used up. Only in Node: node.ts begins it.
 */
import { OutOfMemoryError } from '../core/errors.ts'

/** Of those allowed, the share at which tensors are refused first: threads and V8's heap need some as well. */
const SHARE = 0.9
/** Drivers keep the mappings of what was freed for what comes next, so each refusal moves the mark, up to the last. */
const STEP = 0.01
const LAST = 0.97
/** At most so many come on average with a buffer or a bind group: drivers make pools of them at a time. */
const EACH = 4
/** At least and at most so many are made between two counts: a count of 60,000 takes some 20 ms. */
const [LEAST, MOST] = [256, 4096]

export class Mappings {
  private readonly allowed: number
  private readonly count: () => number
  private mark: number
  /** Objects that may be made before the next count. */
  private left = 0

  /** @param count  how many there are now; NaN where that cannot be known: then nothing is refused */
  constructor(allowed: number, count: () => number) {
    this.allowed = allowed
    this.count = count
    this.mark = SHARE * allowed
  }

  /** A buffer or a bind group was made. */
  made(): void {
    this.left--
  }

  /**
   * Refuse a tensor if there is no room for more.
   * @param pool  where buffers wait that can be given back
   */
  check(op: string, pool: { trim(keep: number): void }): void {
    if (this.left > 0) return
    const { allowed, mark } = this
    const now = this.count()
    this.left = Math.min(MOST, Math.max(LEAST, Math.ceil((mark - now) / EACH)))
    if (!(now > mark)) return
    this.mark = Math.min(LAST * allowed, Math.max(now, mark) + STEP * allowed)
    this.left = 0
    pool.trim(0)
    throw new OutOfMemoryError(
      op,
      `the process has ${now} memory mappings, and Linux ends it at ${allowed}`,
      'await a value now and then, so that what was dropped is freed, and keep fewer tensors: stack them into one',
    )
  }
}

/** Those of this process; unknown until they are watched. */
export let mappings = new Mappings(Number.NaN, () => Number.NaN)
let watched = false

/** From now on the mappings of this process are counted, on Linux. */
export function watchMappings(): void {
  if (watched || process.platform !== 'linux') return
  watched = true
  const { readFileSync } = process.getBuiltinModule('node:fs')
  const lines = (): number => {
    let count = 0
    for (const byte of readFileSync('/proc/self/maps')) if (byte === 10) count++
    return count
  }
  try {
    const allowed = Number(readFileSync('/proc/sys/vm/max_map_count', 'utf8'))
    if (lines() > 0) mappings = new Mappings(allowed, lines)
  } catch {
    // A system without /proc: nothing is known.
  }
}
