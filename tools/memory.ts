/** @file How much more memory the process holds at most while something runs, for tools/io_memory.ts and large.ts. */
const MB = 1e6

async function collect(): Promise<void> {
  for (let i = 0; i < 3; i++) {
    globalThis.gc?.()
    await new Promise((next) => setTimeout(next, 10))
  }
}

/** What ran, how long it took, and the memory that it held. */
export interface Peak<T> {
  readonly result: T
  readonly seconds: number
  /** Largest sizes beyond those before, and beyond what was meant to be held. */
  readonly rss: number
  readonly arrayBuffers: number
}

/** Run f, and look each millisecond. @param held  bytes that are meant to be more afterwards */
export async function peakOf<T>(held: number, f: () => Promise<T>): Promise<Peak<T>> {
  await collect()
  const before = process.memoryUsage()
  const most = { rss: 0, arrayBuffers: 0 }
  const look = () => {
    const { rss, arrayBuffers } = process.memoryUsage()
    most.rss = Math.max(most.rss, rss - before.rss - held)
    most.arrayBuffers = Math.max(most.arrayBuffers, arrayBuffers - before.arrayBuffers - held)
  }
  const timer = setInterval(look, 1)
  const start = performance.now()
  try {
    const result = await f()
    look()
    return { result, seconds: (performance.now() - start) / 1000, ...most }
  } finally {
    clearInterval(timer)
  }
}

/** In a line. */
export const peakText = ({ rss, arrayBuffers, seconds }: Peak<unknown>): string =>
  `rss ${(rss / MB).toFixed(1)} MB, arrayBuffers ${(arrayBuffers / MB).toFixed(1)} MB beyond the tensors, ${seconds.toFixed(1)} s`
