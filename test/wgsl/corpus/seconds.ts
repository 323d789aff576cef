/** @file Time in tests: of the processor, as the machine has other work. */

/**
 * Seconds that something computes. What a megabyte costs on an idle machine is below two; a test's limit is far above,
 * as what explodes takes minutes.
 */
export function secondsOf(f: () => void): number {
  const before = process.cpuUsage()
  f()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1e6
}

export const LIMIT = 10
